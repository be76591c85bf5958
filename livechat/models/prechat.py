"""What a chat asks before it begins: topics that an inbox offers, and up to five questions for each."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.ids import public_id_field
from livechat.models.inbox import ChatInbox
from tickets.models import GuidedForm, Topic


class TopicForm(models.Model):
    """One topic that visitors of one inbox may choose, in the order of `position`."""

    public_id = public_id_field()
    # Found by `livechat_topicform_once`.
    inbox = models.ForeignKey(
        ChatInbox, verbose_name=_("chat inbox"), on_delete=models.CASCADE, related_name="topic_forms", db_index=False
    )
    topic = models.ForeignKey(
        Topic,
        verbose_name=_("topic"),
        on_delete=models.PROTECT,
        related_name="+",
        limit_choices_to={"parent__isnull": False},
    )
    name = models.CharField(
        _("name for visitors"), max_length=80, help_text=_("In their words: “My deposit has not arrived”.")
    )
    name_zh_hans = models.CharField(_("name for visitors, in Chinese"), max_length=80, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=1)
    is_guided = models.BooleanField(
        _("asks as the guided form"),
        default=False,
        db_default=False,
        help_text=_("The questions of the topic's guided form, if it is active, in place of those below."),
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("chat form")
        verbose_name_plural = _("chat forms")
        ordering = ["inbox", "position", "pk"]
        constraints = [models.UniqueConstraint(fields=["inbox", "topic"], name="livechat_topicform_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def guided(self) -> GuidedForm | None:
        """The guided form whose questions are asked, if it is one."""
        found: GuidedForm | None = getattr(self.topic, "guided_form", None) if self.is_guided else None
        return found if found is not None and found.is_active else None


class TopicQuestion(models.Model):
    """One question of a form; its answer becomes part of the first message."""

    class Kind(models.TextChoices):
        """What is answered."""

        TEXT = "text", _("Text")
        CHOICE = "choice", _("One of several choices")
        TX_HASH = "tx_hash", _("Transaction hash")
        ASSET = "asset", _("Asset and network")

    public_id = public_id_field()
    # Found by `livechat_topicquestion_place`.
    form = models.ForeignKey(TopicForm, on_delete=models.CASCADE, related_name="questions", db_index=False)
    position = models.PositiveSmallIntegerField(_("position"))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.TEXT)
    label = models.CharField(_("question"), max_length=120)
    label_zh_hans = models.CharField(_("question in Chinese"), max_length=120, blank=True)
    choices = ArrayField(
        models.CharField(max_length=80),
        verbose_name=_("choices"),
        size=12,
        default=list,
        blank=True,
        help_text=_("Separated by commas; for a question with choices."),
    )
    choices_zh_hans = ArrayField(
        models.CharField(max_length=80),
        verbose_name=_("choices in Chinese"),
        size=12,
        default=list,
        db_default=[],
        blank=True,
        help_text=_("In the same order, as many as above; the desk reads those above."),
    )
    is_required = models.BooleanField(_("has to be answered"), default=False)

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["form", "position"], name="livechat_topicquestion_place"),
            models.CheckConstraint(
                name="livechat_topicquestion_five_at_most",
                condition=Q(position__gte=1, position__lte=5),
                violation_error_message=_("A form has five questions at most: positions 1 to 5."),
            ),
            models.CheckConstraint(
                name="livechat_topicquestion_kind_known", condition=Q(kind__in=["text", "choice", "tx_hash", "asset"])
            ),
            models.CheckConstraint(
                name="livechat_topicquestion_has_choices",
                condition=~Q(kind="choice") | Q(choices__len__gte=2),
                violation_error_message=_("Give at least two choices."),
            ),
            models.CheckConstraint(
                name="livechat_topicquestion_choices_match",
                condition=Q(choices_zh_hans__len=0) | Q(choices_zh_hans__len=F("choices__len")),
                violation_error_message=_("Give as many choices in Chinese as in English, or none."),
            ),
        ]

    def __str__(self) -> str:
        return self.label
