"""Who wants mail: of every bulletin, or of an article's changes; and what is owed to them."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

from core.clock import DatabaseNow
from core.ids import public_id_field
from core.models.leased import Leased, LeasedQuerySet
from kb import languages
from kb.models.article import Article, Revision
from kb.models.bulletins import Bulletin


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    """Adjectives of subscriptions."""

    def confirmed(self) -> Self:
        """Those whose address has said yes."""
        return self.filter(confirmed_at__isnull=False)


class Subscription(models.Model):
    """One address that wants bulletins, or the changes of one article; deleted when it no longer does."""

    public_id = public_id_field()
    # In small letters.
    address = models.CharField(max_length=254)
    # Empty: bulletins.
    article = models.ForeignKey(Article, null=True, on_delete=models.PROTECT, related_name="followers", db_index=False)
    language = models.CharField(max_length=10, choices=languages.CHOICES)
    asked_at = models.DateTimeField(db_default=DatabaseNow())
    # Mails that have asked for a yes.
    asks = models.PositiveSmallIntegerField(default=1)
    confirmed_at = models.DateTimeField(null=True)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["address", "article"], name="kb_subscription_once", nulls_distinct=False),
            models.CheckConstraint(
                name="kb_subscription_language_known", condition=Q(language__in=list(languages.LANGUAGES))
            ),
            models.CheckConstraint(
                name="kb_subscription_address_plain", condition=Q(address__regex=r"^[!-?A-~]+@[!-?A-~]+$")
            ),
        ]
        indexes = [
            # who is told, in the order of their rows
            models.Index(
                fields=["article", "id"], name="kb_subscription_told", condition=Q(confirmed_at__isnull=False)
            ),
            # those asked lately; those who never said yes
            models.Index(fields=["asked_at"], name="kb_subscription_asked"),
        ]

    def __str__(self) -> str:
        return self.public_id


class News(Leased):
    """A bulletin or a changed article of which its subscribers are to be told: a mail to each, in order, once."""

    class State(models.TextChoices):
        """Whether everybody is told."""

        WAITING = "waiting"
        DONE = "done"

    WAITING: ClassVar[tuple[str, ...]] = ("waiting",)

    public_id = public_id_field()
    bulletin = models.OneToOneField(Bulletin, null=True, on_delete=models.PROTECT, related_name="news")
    revision = models.OneToOneField(Revision, null=True, on_delete=models.PROTECT, related_name="news")
    state: "models.Field[str, str]" = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    # The last subscription that has its mail, and how many have.
    reached = models.BigIntegerField(default=0)
    told = models.PositiveIntegerField(default=0)

    objects = LeasedQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "news"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(name="kb_news_state_known", condition=Q(state__in=["waiting", "done"])),
            models.CheckConstraint(
                name="kb_news_of_one_thing",
                condition=Q(bulletin__isnull=True, revision__isnull=False)
                | Q(bulletin__isnull=False, revision__isnull=True),
            ),
        ]
        # the sweeper: what is due
        indexes = [models.Index(fields=["next_attempt_at"], name="kb_news_due", condition=Q(state="waiting"))]

    def __str__(self) -> str:
        return self.public_id
