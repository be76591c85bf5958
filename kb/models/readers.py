"""What readers leave: votes, feedback, what was searched for and opened, and what it saved them from asking."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.clock import DatabaseNow
from core.ids import public_id_field
from kb import languages
from kb.models.article import Article, Revision


class Reason(models.TextChoices):
    """Why an article did not help."""

    NONE = "", _("No reason given")
    WRONG = "wrong", _("It is wrong or out of date")
    UNCLEAR = "unclear", _("I do not understand it")
    INCOMPLETE = "incomplete", _("Something is missing")
    NOT_MINE = "not_mine", _("It is not about my question")


class Vote(models.Model):
    """What one reader thinks of one revision; said again, it takes the place of what they said before."""

    # Found by `kb_vote_once`.
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="votes", db_index=False)
    # A keyed hash of a random cookie: nobody is known by it.
    reader = models.CharField(max_length=64)
    is_helpful = models.BooleanField()
    reason = models.CharField(max_length=10, choices=Reason.choices, blank=True)
    at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["revision", "reader"], name="kb_vote_once"),
            models.CheckConstraint(name="kb_vote_reason_known", condition=Q(reason__in=Reason.values)),
            models.CheckConstraint(name="kb_vote_helpful_without_reason", condition=Q(is_helpful=False) | Q(reason="")),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Feedback(models.Model):
    """What a reader tells the editors about a revision; secrets in it were masked before it was written."""

    public_id = public_id_field()
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="feedback", db_index=False)
    text = models.CharField(max_length=2000)
    at = models.DateTimeField(db_default=DatabaseNow())
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    handled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="kb_feedback_handled_by_somebody",
                condition=Q(handled_by__isnull=True, handled_at__isnull=True)
                | Q(handled_by__isnull=False, handled_at__isnull=False),
            )
        ]
        # the editors' list
        indexes = [models.Index(fields=["-at"], name="kb_feedback_open", condition=Q(handled_at__isnull=True))]

    def __str__(self) -> str:
        return self.public_id


class SearchQueryLog(models.Model):
    """How often something was searched for on a day, without anything that names a person or an account."""

    day = models.DateField()
    language = models.CharField(max_length=10, choices=languages.CHOICES)
    # As kb.search.words.for_the_log leaves it.
    query = models.CharField(max_length=120)
    searches = models.PositiveIntegerField(default=0)
    found_nothing = models.PositiveIntegerField(default=0)
    clicks = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["day", "language", "query"], name="kb_searchquerylog_once"),
            models.CheckConstraint(
                name="kb_searchquerylog_without_identifiers", condition=~Q(query__regex=r"[@]|[0-9]{5,}|[0-9a-z]{20,}")
            ),
        ]

    def __str__(self) -> str:
        return self.query


class ArticleClick(models.Model):
    """How often an article was opened from the results for a query, on a day."""

    day = models.DateField()
    language = models.CharField(max_length=10, choices=languages.CHOICES)
    query = models.CharField(max_length=120)
    article = models.ForeignKey(Article, on_delete=models.PROTECT, related_name="clicks")
    clicks = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["day", "language", "query", "article"], name="kb_articleclick_once")
        ]

    def __str__(self) -> str:
        return self.query


class Deflection(models.Model):
    """A customer was about to ask, was shown an article, and said that it answers the question."""

    class Door(models.TextChoices):
        """Where they were about to ask."""

        WEB = "web", _("Web form")
        CHAT = "chat", _("Chat")
        SEARCH = "search", _("Help centre")

    article = models.ForeignKey(Article, on_delete=models.PROTECT, related_name="deflections")
    language = models.CharField(max_length=10, choices=languages.CHOICES)
    door = models.CharField(max_length=8, choices=Door.choices)
    # A keyed hash of a random cookie: a reader counts once a day for each article.
    reader = models.CharField(max_length=64)
    day = models.DateField()
    at = models.DateTimeField(db_default=DatabaseNow())

    class Meta:
        constraints = [
            models.CheckConstraint(name="kb_deflection_door_known", condition=Q(door__in=["web", "chat", "search"])),
            models.UniqueConstraint(fields=["article", "reader", "day"], name="kb_deflection_once_a_day"),
        ]
        # the report: of a time
        indexes = [models.Index(fields=["at"], name="kb_deflection_at")]

    def __str__(self) -> str:
        return self.door
