"""Messages that a chat shows by itself on pages of the embedding site, and to whom each was shown."""

from typing import ClassVar, Self

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.clock import DatabaseNow
from core.ids import public_id_field
from livechat import paths
from livechat.models.chat import Chat
from livechat.models.inbox import ChatInbox
from livechat.models.visitor import Visitor

MAX_TEXT = 300
LONGEST_STAY_S = 3_600
LONGEST_PAUSE_DAYS = 365

# Behind the lock of the person (their browsers together, where the exchange has proven who they are) what is counted is
# what everybody has written: two tabs at once show one message.
_CAPPED = """
    SELECT customer_id INTO v_customer FROM livechat_visitor WHERE id = NEW.visitor_id;
    PERFORM pg_advisory_xact_lock(hashtextextended(
        'proactive message to ' || COALESCE('customer ' || v_customer, 'visitor ' || NEW.visitor_id), 0));
    SELECT message.every_days, inbox.proactive_per_day INTO v_every, v_per_day
      FROM livechat_proactivemessage AS message
      JOIN livechat_chatinbox AS inbox ON inbox.id = message.inbox_id
      JOIN livechat_visitor AS visitor ON visitor.inbox_id = inbox.id AND visitor.id = NEW.visitor_id
      WHERE message.id = NEW.message_id;
    SELECT array_agg(id) INTO v_browsers FROM livechat_visitor
      WHERE id = NEW.visitor_id OR customer_id = v_customer;
    IF v_every IS NULL
       OR EXISTS (SELECT FROM livechat_chat WHERE visitor_id = ANY (v_browsers) AND ended_at IS NULL)
       OR EXISTS (SELECT FROM livechat_proactiveshow
                   WHERE visitor_id = ANY (v_browsers) AND message_id = NEW.message_id
                     AND (dismissed_at IS NOT NULL OR shown_at > core.clock() - v_every * interval '1 day'))
       OR (SELECT count(*) FROM livechat_proactiveshow
            WHERE visitor_id = ANY (v_browsers) AND shown_at > core.clock() - interval '1 day') >= v_per_day
    THEN
        RAISE EXCEPTION 'this visitor is not to be shown this message now'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'livechat_proactiveshow_capped';
    END IF;
    NEW.shown_at := core.clock();
    RETURN NEW;
"""


class ProactiveMessageQuerySet(models.QuerySet["ProactiveMessage"]):
    """Adjectives of proactive messages."""

    def current(self) -> Self:
        """Switched on, in an inbox that is open, within their period."""
        return self.filter(
            Q(starts_at__isnull=True) | Q(starts_at__lte=DatabaseNow()),
            Q(ends_at__isnull=True) | Q(ends_at__gt=DatabaseNow()),
            is_active=True,
            inbox__is_active=True,
        )


class ProactiveMessage(models.Model):
    """One message that a chat may show by itself: its words, on which pages, after how long, to whom and how often."""

    class Who(models.TextChoices):
        """Whom it is for, as the exchange's signed word says."""

        ANYBODY = "anybody", _("Anybody")
        ANONYMOUS = "anonymous", _("Not signed in")
        PROVEN = "proven", _("Signed in at the exchange")
        NO_MFA = "no_mfa", _("Signed in without a second factor")

    class Visits(models.TextChoices):
        """Whether they have been here before."""

        ALL = "all", _("New and returning")
        NEW = "new", _("New: no conversation yet")
        RETURNING = "returning", _("Returning: had a conversation")

    public_id = public_id_field()
    # Found by `livechat_proactive_of_inbox`.
    inbox = models.ForeignKey(
        ChatInbox, verbose_name=_("chat inbox"), on_delete=models.PROTECT, related_name="+", db_index=False
    )
    name = models.CharField(_("name"), max_length=80, help_text=_("For us; visitors do not read it."))
    text = models.CharField(_("text"), max_length=MAX_TEXT)
    text_zh_hans = models.CharField(_("text in Chinese"), max_length=MAX_TEXT, blank=True)
    paths = ArrayField(
        models.CharField(max_length=paths.MAX_PATTERN, validators=[paths.validate]),
        verbose_name=_("pages"),
        size=20,
        help_text=_("Paths of the site, separated by commas: /withdraw, /account/*"),
    )
    after_s = models.PositiveIntegerField(
        _("after seconds on the page"), default=15, validators=[MaxValueValidator(LONGEST_STAY_S)]
    )
    who = models.CharField(_("for whom"), max_length=10, choices=Who.choices, default=Who.ANYBODY)
    visits = models.CharField(_("visits"), max_length=10, choices=Visits.choices, default=Visits.ALL)
    languages = ArrayField(
        models.CharField(max_length=16, choices=settings.LANGUAGES),
        verbose_name=_("languages"),
        default=list,
        blank=True,
    )
    is_attended_only = models.BooleanField(
        _("only while somebody is there"),
        default=False,
        help_text=_("Within the chat's hours, and with somebody online who takes its chats."),
    )
    priority = models.PositiveSmallIntegerField(
        _("priority"), default=10, help_text=_("Of several that fit, the one with the lowest number is shown.")
    )
    every_days = models.PositiveSmallIntegerField(
        _("once in so many days"),
        default=30,
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST_PAUSE_DAYS)],
        help_text=_("For each visitor. Whoever dismisses it never sees it again."),
    )
    starts_at = models.DateTimeField(_("from"), null=True, blank=True)
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    objects = ProactiveMessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("proactive message")
        verbose_name_plural = _("proactive messages")
        ordering = ["inbox", "priority", "pk"]
        constraints = [
            models.CheckConstraint(
                name="livechat_proactive_who_known",
                condition=Q(who__in=["anybody", "anonymous", "proven", "no_mfa"]),
            ),
            models.CheckConstraint(
                name="livechat_proactive_visits_known", condition=Q(visits__in=["all", "new", "returning"])
            ),
            models.CheckConstraint(
                name="livechat_proactive_bounded",
                condition=Q(after_s__lte=LONGEST_STAY_S, every_days__gte=1, every_days__lte=LONGEST_PAUSE_DAYS),
            ),
            models.CheckConstraint(
                name="livechat_proactive_period",
                condition=Q(starts_at__isnull=True) | Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
                violation_error_message=_("The period ends before it begins."),
            ),
            models.CheckConstraint(
                name="livechat_proactive_has_pages",
                condition=Q(paths__len__gte=1),
                violation_error_message=_("Name at least one page."),
            ),
        ]
        # the frame and the choice: an inbox's messages in their order
        indexes = [models.Index(fields=["inbox", "priority", "id"], name="livechat_proactive_of_inbox")]

    def __str__(self) -> str:
        return self.name


class ProactiveShow(models.Model):
    """One showing of a message to a visitor, and what became of it; `chat` is the conversation that it began."""

    public_id = public_id_field()
    # Found by `livechat_show_of_message`.
    message = models.ForeignKey(ProactiveMessage, on_delete=models.PROTECT, related_name="shows", db_index=False)
    # Found by `livechat_show_of_visitor`.
    visitor = models.ForeignKey(Visitor, on_delete=models.PROTECT, related_name="+", db_index=False)
    # What was read, in the visitor's language.
    text = models.CharField(max_length=MAX_TEXT)
    shown_at = models.DateTimeField(db_default=DatabaseNow())
    opened_at = models.DateTimeField(null=True)
    dismissed_at = models.DateTimeField(null=True)
    chat = models.OneToOneField(Chat, null=True, on_delete=models.PROTECT, related_name="begun_by")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="livechat_show_began_what_it_opened", condition=Q(chat__isnull=True) | Q(opened_at__isnull=False)
            ),
        ]
        indexes = [
            # caps: what a visitor was shown, the newest first
            models.Index(fields=["visitor", "-shown_at"], name="livechat_show_of_visitor"),
            # admin: the counters of a message
            models.Index(
                fields=["message"],
                name="livechat_show_of_message",
                include=["opened_at", "dismissed_at", "chat"],
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Trigger(
                name="livechat_proactiveshow_capped",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                declare=[
                    ("v_customer", "bigint"),
                    ("v_every", "integer"),
                    ("v_per_day", "integer"),
                    ("v_browsers", "bigint[]"),
                ],
                func=_CAPPED,
            )
        ]

    def __str__(self) -> str:
        return f"showing {self.public_id}"
