"""Guided requests: what a form asks by topic, and what was answered when a ticket was opened by it."""

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.clock import DatabaseNow
from core.ids import public_id_field
from tickets.models.ticket import Ticket
from tickets.models.topic import Topic

MOST_QUESTIONS = 12


class GuidedFormQuerySet(models.QuerySet["GuidedForm"]):
    """Adjectives of guided forms."""

    def offered(self) -> Self:
        """Those that customers may fill in, with their topics and questions, in order."""
        shown = self.filter(is_active=True, topic__is_active=True).select_related("topic")
        return shown.prefetch_related("questions").order_by("position", "pk")


class GuidedForm(models.Model):
    """What is asked about one topic, and the words of the sentence that is built from the answers."""

    public_id = public_id_field()
    topic = models.OneToOneField(
        Topic,
        verbose_name=_("topic"),
        on_delete=models.PROTECT,
        related_name="guided_form",
        limit_choices_to={"parent__isnull": False},
    )
    name = models.CharField(
        _("name for customers"), max_length=80, help_text=_("In their words: “My deposit has not arrived”.")
    )
    name_zh_hans = models.CharField(_("name for customers, in Chinese"), max_length=80, blank=True)
    lead = models.CharField(
        _("first sentence on the page"),
        max_length=300,
        blank=True,
        help_text=_("What to do or to have at hand before filling it in."),
    )
    lead_zh_hans = models.CharField(_("first sentence in Chinese"), max_length=300, blank=True)
    matter = models.CharField(
        _("matter"), max_length=60, help_text=_("What the ticket's sentence is about: “deposit” in “1.25 BTC deposit”.")
    )
    matter_zh_hans = models.CharField(_("matter in Chinese"), max_length=60, blank=True)
    outcome = models.CharField(
        _("what is wrong"), max_length=60, blank=True, help_text=_("The end of the sentence: “not credited”.")
    )
    outcome_zh_hans = models.CharField(_("what is wrong, in Chinese"), max_length=60, blank=True)
    is_urgent = models.BooleanField(
        _("urgent"),
        default=False,
        help_text=_("The page leads to the freeze first, and the ticket comes before others."),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=1)
    is_active = models.BooleanField(_("active"), default=True)

    objects = GuidedFormQuerySet.as_manager()

    class Meta:
        verbose_name = _("guided form")
        verbose_name_plural = _("guided forms")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.name


class GuidedKind(models.TextChoices):
    """What is answered, and so how it is checked."""

    TEXT = "text", _("Text")
    CHOICE = "choice", _("One of several choices")
    ASSET = "asset", _("Asset and network")
    NETWORK = "network", _("Another network")
    AMOUNT = "amount", _("Amount")
    TX_HASH = "tx_hash", _("Transaction hash")
    FROM_ADDRESS = "from_address", _("Address it came from")
    TO_ADDRESS = "to_address", _("Address it went to")
    TAG = "tag", _("Tag, memo or comment")
    TIME = "time", _("Date and time")


# Of these a form may have several.
REPEATED = (GuidedKind.TEXT, GuidedKind.CHOICE)


class GuidedQuestion(models.Model):
    """One question of a guided form."""

    class Need(models.TextChoices):
        """How much its answer is needed."""

        REQUIRED = "required", _("Has to be answered")
        WANTED = "wanted", _("May be left out and is then asked for")
        OPTIONAL = "optional", _("May be left out")

    public_id = public_id_field()
    # Found by `tickets_guidedquestion_place`.
    form = models.ForeignKey(GuidedForm, on_delete=models.CASCADE, related_name="questions", db_index=False)
    position = models.PositiveSmallIntegerField(_("position"))
    kind = models.CharField(_("kind"), max_length=12, choices=GuidedKind.choices, default=GuidedKind.TEXT)
    need = models.CharField(_("need"), max_length=8, choices=Need.choices, default=Need.WANTED)
    label = models.CharField(_("question"), max_length=120)
    label_zh_hans = models.CharField(_("question in Chinese"), max_length=120, blank=True)
    hint = models.CharField(_("hint"), max_length=200, blank=True)
    hint_zh_hans = models.CharField(_("hint in Chinese"), max_length=200, blank=True)
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
        blank=True,
        help_text=_("In the same order, as many as above; the desk reads those above."),
    )

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["form", "position"], name="tickets_guidedquestion_place"),
            models.UniqueConstraint(
                fields=["form", "kind"],
                name="tickets_guidedquestion_kind_once",
                condition=~Q(kind__in=["text", "choice"]),
                violation_error_message=_("A form asks for each of these once; only texts and choices may repeat."),
            ),
            models.CheckConstraint(
                name="tickets_guidedquestion_few",
                condition=Q(position__gte=1, position__lte=MOST_QUESTIONS),
                violation_error_message=_("A guided form has twelve questions at most: positions 1 to 12."),
            ),
            models.CheckConstraint(
                name="tickets_guidedquestion_kind_known", condition=Q(kind__in=[kind.value for kind in GuidedKind])
            ),
            models.CheckConstraint(
                name="tickets_guidedquestion_need_known", condition=Q(need__in=["required", "wanted", "optional"])
            ),
            models.CheckConstraint(
                name="tickets_guidedquestion_has_choices",
                condition=~Q(kind="choice") | Q(choices__len__gte=2),
                violation_error_message=_("Give at least two choices."),
            ),
            models.CheckConstraint(
                name="tickets_guidedquestion_choices_match",
                condition=Q(choices_zh_hans__len=0) | Q(choices_zh_hans__len=F("choices__len")),
                violation_error_message=_("Give as many choices in Chinese as in English, or none."),
            ),
        ]

    def __str__(self) -> str:
        return self.label


class GuidedRequest(models.Model):
    """That one ticket was opened by a guided form."""

    ticket = models.OneToOneField(Ticket, on_delete=models.CASCADE, related_name="guided_request")
    form = models.ForeignKey(GuidedForm, on_delete=models.PROTECT, related_name="requests")
    created_at = models.DateTimeField(db_default=DatabaseNow())

    def __str__(self) -> str:
        return f"{self.form_id} for {self.ticket_id}"


class GuidedAnswer(models.Model):
    """One answer, as it was checked: `value` canonically, `network` where it is one of a network, for good."""

    # Found by `tickets_guidedanswer_place`.
    request = models.ForeignKey(GuidedRequest, on_delete=models.CASCADE, related_name="answers", db_index=False)
    # None: the form does not ask it any more.
    question = models.ForeignKey(GuidedQuestion, null=True, on_delete=models.SET_NULL, related_name="+")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=12, choices=GuidedKind.choices)
    label = models.CharField(max_length=120)
    value = models.CharField(max_length=2000)
    network = models.CharField(max_length=20, blank=True)
    # What whoever compares it should know; the desk reads English.
    note = models.CharField(max_length=300, blank=True)
    # By which message of the ticket it came later; None: the form brought it.
    message_seq = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["request", "position"], name="tickets_guidedanswer_place"),
            models.CheckConstraint(name="tickets_guidedanswer_says_something", condition=~Q(value="")),
        ]

    def __str__(self) -> str:
        return self.label
