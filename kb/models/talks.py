"""Recorded talks about security."""

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.clock import DatabaseNow
from core.ids import public_id_field
from kb import languages, markdown
from kb.models.tree import SLUG, plain_slug

LONGEST_MIN = 600
VIDEO = r"^(https://[^\s<>\"'()\[\]]+)?$"


class Talk(models.Model):
    """A recorded talk in one language: a video of a host that is let in, and what is said in it."""

    public_id = public_id_field()
    slug = models.CharField(_("short name"), max_length=120, validators=[plain_slug])
    language = models.CharField(_("language"), max_length=10, choices=languages.CHOICES, default=languages.SOURCE)
    title = models.CharField(_("title"), max_length=160)
    # A role, such as "our incident team": speakers are not named.
    speaker = models.CharField(_("who speaks: a role, no name"), max_length=120)
    minutes = models.PositiveSmallIntegerField(
        _("length in minutes"), validators=[MinValueValidator(1), MaxValueValidator(LONGEST_MIN)]
    )
    video = models.CharField(_("address of the video"), max_length=500, blank=True)
    transcript = models.TextField(_("transcript (Markdown)"), max_length=100_000)
    position = models.PositiveSmallIntegerField(_("order"), default=100)
    is_shown = models.BooleanField(_("shown to readers"), default=False)
    created_at = models.DateTimeField(db_default=DatabaseNow(), editable=False)

    class Meta:
        verbose_name = _("recorded talk")
        verbose_name_plural = _("recorded talks")
        ordering = ["position", "slug", "language"]
        constraints = [
            models.UniqueConstraint(fields=["slug", "language"], name="kb_talk_once"),
            models.CheckConstraint(name="kb_talk_slug_plain", condition=Q(slug__regex=SLUG)),
            models.CheckConstraint(name="kb_talk_language_known", condition=Q(language__in=list(languages.LANGUAGES))),
            models.CheckConstraint(
                name="kb_talk_length_bounded", condition=Q(minutes__gte=1, minutes__lte=LONGEST_MIN)
            ),
            models.CheckConstraint(name="kb_talk_video_plain", condition=Q(video__regex=VIDEO)),
            models.CheckConstraint(name="kb_talk_says_something", condition=~Q(title="") & ~Q(transcript="")),
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        """The video lies at a host that pages let in."""
        if self.video and not markdown.is_video(self.video):
            raise ValidationError({"video": _("Pages let no videos in from there (PHAROS_KB_VIDEO_HOSTS).")})
