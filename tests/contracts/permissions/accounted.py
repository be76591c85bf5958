"""Which entry of the audit log answers for a changed row, and which columns need none."""

from collections.abc import Callable, Iterator
from typing import Any

from accounts.models import Customer, Skill, Staff, Team
from kb.models import Article, Bulletin, Category, Revision, Section, Translation
from livechat.models import Chat, TopicForm, Visitor
from security.models import TrainingCertificate
from tests.contracts.permissions.rows import Change, Diff
from tickets.models import (
    BulkChange,
    EscalationChain,
    GuidedForm,
    GuidedRequest,
    Message,
    OnCallSchedule,
    PhoneCall,
    PhoneLine,
    SocialAccount,
    Survey,
    Ticket,
    TicketTemplate,
)

Row = dict[str, Any]
Who = tuple[str, str]
ANYTHING = ("*", "*")

# Columns that are counted, queued or remembered for a while: nobody's decision is in them. "*" is the whole row.
BOOKKEEPING: dict[str, tuple[frozenset[str], str]] = {
    "sessions.Session": (
        frozenset("*"),
        "the cookie's store; sign-in and its end are recorded with security.StaffSession",
    ),
    "security.StaffSession": (frozenset({"seen_at", "session_digest"}), "a sign of life; the key follows the cookie"),
    "security.CustomerSession": (frozenset({"seen_at"}), "a sign of life"),
    "security.UsedHandOff": (frozenset("*"), "that a token is used up; the session it opened is recorded"),
    "security.FreezeOrder": (
        frozenset({"lease_token", "lease_until", "attempts", "next_attempt_at", "last_error", "state", "answered_at"}),
        "a worker's lease, and what the exchange answered; the freeze itself is recorded",
    ),
    "security.ExchangeEvent": (
        frozenset({"lease_token", "lease_until", "attempts", "next_attempt_at", "last_error"}),
        "a worker's lease",
    ),
    "security.ApiToken": (frozenset({"used_at"}), "a sign of life, once a minute"),
    "security.ActionNotice": (frozenset("*"), "that a mail is owed once; the mail is recorded as customer.told"),
    "security.TotpDevice": (
        frozenset({"failures", "locked_until", "last_step"}),
        "counted before it is compared; the attempt itself is recorded as sign_in.failed or sign_in.succeeded",
    ),
    "axes.AccessAttempt": (frozenset("*"), "counts wrong passwords, each of which is recorded as sign_in.failed"),
    "axes.AccessAttemptExpiration": (frozenset("*"), "as above"),
    "core.IdempotencyKey": (frozenset("*"), "the same answer for a week; the act it answers is recorded"),
    "core.Heartbeat": (frozenset("*"), "signs of life of processes"),
    "kb.SearchQueryLog": (frozenset("*"), "counts of words that were searched for, without who"),
    "kb.ArticleClick": (frozenset("*"), "counts of what was opened from a search, without who"),
    "kb.SearchDocument": (frozenset("*"), "what the search knows of an article, whose publication is recorded"),
    "kb.SearchWord": (frozenset("*"), "as above"),
    "kb.SearchVersion": (frozenset("*"), "as above"),
    "kb.EditLock": (frozenset("*"), "who is writing, for ten minutes; a take-over is recorded"),
    "kb.ScheduledPublication": (
        frozenset({"lease_token", "lease_until", "attempts", "next_attempt_at", "last_error"}),
        "a worker's lease",
    ),
    "kb.News": (frozenset("*"), "owed by a publication, which is recorded; its end is recorded as news.sent"),
    "livechat.Visitor": (
        frozenset({"seen_at", "here_at", "expires_at", "delete"}),
        "a sign of life; who never said anything is removed, and counted",
    ),
    "livechat.Chat": (frozenset({"mail_owed_since"}), "that an answer may have to follow; the mail itself is recorded"),
    "livechat.ChatAddress": (frozenset({"delete"}), "never confirmed; what the tidying removes is counted"),
    "livechat.VisitorUpload": (
        frozenset({"received", "delete"}),
        "how much is here; it goes with the message that took it",
    ),
    "tickets.FormUpload": (frozenset({"received", "delete"}), "how much is here; it goes with the ticket that took it"),
    "tickets.FormUploadPart": (frozenset("*"), "bytes of a file that is recorded as announced"),
    "livechat.VisitorUploadPart": (frozenset("*"), "bytes of a file that is recorded as announced"),
    "livechat.PageVisit": (
        frozenset("*"),
        "where a visitor has been, for 30 days; what the tidying removes is counted",
    ),
    "accounts.Presence": (
        frozenset({"seen_at", "active_at", "idle_since", "given", "given_back_at"}),
        "signs of life, whose turn it is, and that nothing of theirs is left; what was said and given is recorded",
    ),
    "accounts.PushDevice": (
        frozenset({"session", "used_at", "failed_at", "failure", "gone_at"}),
        "where it was last seen, and how its push service answers; that it is on, and its end, are recorded",
    ),
    "livechat.ProactiveShow": (
        frozenset("*"),
        "what a page showed by itself; that a conversation began with it is recorded as chat.opened",
    ),
    "livechat.Push": (
        frozenset(
            {
                "insert",
                "lease_token",
                "lease_until",
                "attempts",
                "next_attempt_at",
                "last_error",
                "state",
                "unread",
                "settled_at",
            }
        ),
        "a worker's lease, and that nobody had to be told; what the exchange was told is recorded as chat.pushed",
    ),
    "livechat.Mark": (frozenset({"delivered", "read", "moved_at"}), "how far somebody has read"),
    "tickets.CannedReply": (frozenset({"used", "used_at"}), "counts how often it is put into a message"),
    "tickets.Draft": (frozenset("*"), "unsent words of their author; what is sent is recorded"),
    "tickets.InboundMail": (
        frozenset({"lease_token", "lease_until", "attempts", "next_attempt_at"}),
        "a worker's lease",
    ),
    "tickets.OutboundMail": (
        frozenset({"lease_token", "lease_until", "attempts", "next_attempt_at", "last_error", "is_reported"}),
        "a worker's lease; the end of it is recorded",
    ),
    "tickets.SocialAccount": (
        frozenset({"last_error", "last_error_at", "poll_offset", "gateway_session"}),
        "how the connection is, and how far it was polled or heard",
    ),
    "tickets.PhoneLine": (frozenset({"last_error", "last_error_at"}), "how the connection is"),
    "tickets.PhoneCall": (frozenset({"turn", "seen_at", "sid"}), "how far the conversation with the provider came"),
    "tickets.PhoneLeg": (frozenset({"sid"}), "how the provider calls a part of a call; its steps are recorded"),
    "tickets.PhoneOrder": (
        frozenset(
            {
                "lease_token",
                "lease_until",
                "attempts",
                "next_attempt_at",
                "last_error",
                "state",
                "is_handed_over",
            }
        ),
        "a worker's lease; what is owed is recorded, and what of it failed",
    ),
    "tickets.NumberCheck": (
        frozenset({"tries", "delete"}),
        "counts what was typed; each try is recorded with its person",
    ),
    "tickets.PhoneRecording": (
        frozenset({"lease_token", "lease_until", "attempts", "next_attempt_at", "last_error"}),
        "a worker's lease",
    ),
    "tickets.SocialChat": (frozenset({"told_at"}), "when a machine last answered; the answer is recorded"),
    "tickets.SocialEvent": (
        frozenset({"lease_token", "lease_until", "attempts", "next_attempt_at", "last_error"}),
        "a worker's lease",
    ),
    "tickets.SocialPost": (
        frozenset(
            {
                "lease_token",
                "lease_until",
                "attempts",
                "next_attempt_at",
                "last_error",
                "is_reported",
                "unanswered",
                "parts_sent",
                "external_ids",
                "delivered_at",
                "read_at",
            }
        ),
        "a worker's lease, how far it came, and what the vendor says of it since; the end of it is recorded",
    ),
    "core.Notice": (
        frozenset({"lease_token", "lease_until", "attempts", "next_attempt_at", "last_error", "state", "body"}),
        "a worker's lease, and the words wiped once sent; that a mail is owed is recorded with its reason",
    ),
    "tickets.Alarm": (
        frozenset({"insert", "delete", "detail", "noticed_at", "seen_at", "opened_at", "closed_at", "told_at"}),
        "what the watch sees by itself; that somebody took an alarm is recorded",
    ),
    "tickets.CalendarFeed": (
        frozenset({"looked_at", "problem", "next_look_at", "etag", "modified", "fetched", "read_at"}),
        "that somebody has looked; which dates were read is recorded",
    ),
    "tickets.EscalationNotice": (
        frozenset({"lease_token", "lease_until", "attempts", "next_attempt_at", "last_error", "state", "settled_at"}),
        "a worker's lease; that it is owed is recorded with its step, that it was given with its ticket",
    ),
    "tickets.WebhookDelivery": (
        frozenset("*"),
        "a copy for another system of what is recorded; that it is sent again is recorded with its webhook",
    ),
    "tickets.WebhookCursor": (frozenset("*"), "how far the audit log has been told, and a lease"),
    "tickets.WebhookEndpoint": (
        frozenset({"failing_since", "rests_until", "turn_at"}),
        "how it went with the last tries",
    ),
    "tickets.StaffNotice": (
        frozenset("*"),
        "what one person was told of, and whether they looked; what it tells of is recorded",
    ),
    "tickets.NoticeSettings": (frozenset({"next_digest_at"}), "when the next mail is due; that one went is recorded"),
    "tickets.PushMessage": (
        frozenset("*"),
        "a copy for a device of what is recorded as owed: a notice, a swap; or a trial, which tells nothing",
    ),
    "tickets.SlaClock": (frozenset({"is_stale"}), "that a changed calendar, which is recorded, moves its deadline"),
    "tickets.SearchEntry": (frozenset("*"), "what the search knows of a ticket or message, whose change is recorded"),
    "tickets.SentFingerprint": (frozenset("*"), "keyed hashes of a mail that is recorded as mail.sent"),
    "accounts.Staff": (frozenset({"last_login"}), "the time of the session that is recorded as sign_in.succeeded"),
    "contenttypes.ContentType": (frozenset("*"), "Django's list of models"),
    "admin.LogEntry": (frozenset("*"), "Django's own, weaker log of the same act"),
}


def _ticket(pk: int) -> Who:
    return ("ticket", Ticket.objects.values_list("public_id", flat=True).get(pk=pk))


def _message(pk: int) -> Who:
    return _ticket(Message.objects.values_list("ticket_id", flat=True).get(pk=pk))


def _translation(pk: int) -> Who:
    return ("translation", Translation.objects.values_list("public_id", flat=True).get(pk=pk))


def _revision(pk: int) -> Who:
    return _translation(Revision.objects.values_list("translation_id", flat=True).get(pk=pk))


def _staff(pk: int) -> Who:
    return ("staff", Staff.objects.values_list("public_id", flat=True).get(pk=pk))


def _customer(pk: int) -> Who:
    return ("customer", Customer.objects.values_list("public_id", flat=True).get(pk=pk))


def _chat(pk: int) -> Who:
    return ("chat", Chat.objects.values_list("public_id", flat=True).get(pk=pk))


def _call(pk: int) -> Who:
    return ("phone_call", PhoneCall.objects.values_list("public_id", flat=True).get(pk=pk))


def _schedule(pk: int) -> Who:
    return ("oncallschedule", OnCallSchedule.objects.values_list("public_id", flat=True).get(pk=pk))


def _own(kind: str) -> Callable[[Row], Who]:
    return lambda row: (kind, str(row.get("public_id") or row["id"]))


# Table → the object that the audit log must name when a row of it changes; ANYTHING: a part of whatever was done.
NAMES: dict[str, Callable[[Row], Who]] = {
    "accounts.Brand": _own("brand"),
    "accounts.Customer": _own("customer"),
    "accounts.CustomerAddress": lambda row: (
        "customer", Customer.objects.values_list("public_id", flat=True).get(pk=row["customer_id"])
    ),
    "accounts.ExchangeAccount": lambda row: _customer(row["customer_id"]),
    "accounts.Absence": _own("absence"),
    "accounts.PushDevice": _own("pushdevice"),
    "accounts.Shift": _own("shift"),
    "accounts.ShiftFeed": lambda row: ("shiftfeed", _staff(row["staff_id"])[1]),
    "accounts.ShiftSwap": _own("shiftswap"),
    "accounts.Skill": _own("skill"),
    "accounts.Staff": _own("staff"),
    "accounts.StaffPhone": lambda row: _staff(row["staff_id"]),
    "accounts.StaffSkill": lambda row: ("skill", Skill.objects.values_list("public_id", flat=True).get(pk=row["skill_id"])),
    "accounts.Team": _own("team"),
    "accounts.TeamMembership": lambda row: (
        "team", Team.objects.values_list("public_id", flat=True).get(pk=row["team_id"])
    ),
    "kb.Article": _own("article"),
    "kb.Article_related": lambda _row: ANYTHING,
    "kb.Bulletin": _own("bulletin"),
    "kb.BulletinText": lambda row: (
        "bulletin", Bulletin.objects.values_list("public_id", flat=True).get(pk=row["bulletin_id"])
    ),
    "kb.Category": _own("category"),
    "kb.CategoryText": lambda row: (
        "category", Category.objects.values_list("public_id", flat=True).get(pk=row["category_id"])
    ),
    "kb.Comment": lambda row: _translation(row["translation_id"]),
    "kb.Deflection": lambda row: ("article", Article.objects.values_list("public_id", flat=True).get(pk=row["article_id"])),
    "kb.Feedback": _own("feedback"),
    "kb.GlossaryTerm": _own("glossaryterm"),
    "kb.Picture": _own("picture"),
    "kb.Review": lambda row: _revision(row["revision_id"]),
    "kb.Revision": lambda row: _translation(row["translation_id"]),
    "kb.ScheduledPublication": lambda row: _translation(row["translation_id"]),
    "kb.Section": _own("section"),
    "kb.SectionText": lambda row: (
        "section", Section.objects.values_list("public_id", flat=True).get(pk=row["section_id"])
    ),
    "kb.SlugRedirect": lambda row: _translation(row["translation_id"]),
    "kb.Subscription": _own("subscription"),
    "kb.Synonym": _own("synonym"),
    "kb.Talk": _own("talk"),
    "kb.Translation": _own("translation"),
    "kb.Vote": lambda row: ("revision", Revision.objects.values_list("public_id", flat=True).get(pk=row["revision_id"])),
    "livechat.ChatInbox": _own("chatinbox"),
    "livechat.ChatHours": _own("chathours"),
    "livechat.ProactiveMessage": _own("proactivemessage"),
    "livechat.TopicForm": _own("topicform"),
    "livechat.TopicQuestion": lambda row: (
        "topicform", TopicForm.objects.values_list("public_id", flat=True).get(pk=row["form_id"])
    ),
    "livechat.Visitor": _own("visitor"),
    "livechat.Chat": _own("chat"),
    "livechat.VisitorUpload": lambda row: (
        "visitor", Visitor.objects.values_list("public_id", flat=True).get(pk=row["visitor_id"])
    ),
    "livechat.ChatAddress": lambda row: (
        "visitor", Visitor.objects.values_list("public_id", flat=True).get(pk=row["visitor_id"])
    ),
    "livechat.VisitorKey": lambda row: (
        "visitor", Visitor.objects.values_list("public_id", flat=True).get(pk=row["visitor_id"])
    ),
    "livechat.BotTurn": lambda row: _chat(row["chat_id"]),
    "livechat.Offer": lambda row: _chat(row["chat_id"]),
    "accounts.Presence": lambda row: ("presence", _staff(row["staff_id"])[1]),
    "livechat.Mark": lambda row: _chat(row["chat_id"]),
    "security.ApiToken": _own("api_token"),
    "security.ChannelReport": _own("channel_report"),
    "security.OfficialChannel": _own("official_channel"),
    "security.AntiPhishingPhrase": lambda row: _customer(row["customer_id"]),
    "security.CustomerSession": _own("customer_session"),
    "security.ExchangeEvent": _own("exchange_event"),
    "security.FreezeOrder": lambda row: _customer(row["customer_id"]),
    "security.SupportLock": lambda row: _customer(row["customer_id"]),
    "security.HoneyCustomer": lambda row: _customer(row["customer_id"]),
    "security.SupportPinTries": lambda row: _customer(row["customer_id"]),
    "security.SupportPinUse": lambda row: _customer(row["customer_id"]),
    "security.FactorToKeep": lambda row: _customer(row["customer_id"]),
    "security.FactorsToEnd": lambda _row: ANYTHING,
    "security.CustomerFactor": lambda row: _customer(row["customer_id"]),
    "security.ReviewDocument": lambda _row: ANYTHING,
    "security.ReviewDocumentView": lambda _row: ANYTHING,
    "security.Invitation": lambda row: _staff(row["staff_id"]),
    "security.RecoveryCode": lambda row: _staff(row["staff_id"]),
    "security.StaffSession": _own("session"),
    "security.TrainingCertificate": lambda row: _staff(row["person_id"]),
    "security.TrainingWithdrawal": lambda row: _staff(
        TrainingCertificate.objects.values_list("person_id", flat=True).get(pk=row["certificate_id"])
    ),
    "security.TotpDevice": lambda row: _staff(row["staff_id"]),
    "tickets.Alarm": _own("alarm"),
    "tickets.BlockedSender": _own("blockedsender"),
    "tickets.BulkChange": _own("bulkchange"),
    "tickets.BulkItem": lambda row: (
        "bulkchange", BulkChange.objects.values_list("public_id", flat=True).get(pk=row["change_id"])
    ),
    "tickets.CannedReply": _own("cannedreply"),
    "tickets.CustomerNote": lambda row: _customer(row["customer_id"]),
    "tickets.SavedView": _own("savedview"),
    "tickets.Snooze": lambda row: _ticket(row["ticket_id"]),
    "tickets.Decision": lambda row: _ticket(row["ticket_id"]),
    "tickets.FormUpload": _own("formupload"),
    "tickets.GuidedAnswer": lambda row: _ticket(GuidedRequest.objects.values_list("ticket_id", flat=True).get(pk=row["request_id"])),
    "tickets.GuidedForm": _own("guidedform"),
    "tickets.GuidedQuestion": lambda row: (
        "guidedform", GuidedForm.objects.values_list("public_id", flat=True).get(pk=row["form_id"])
    ),
    "tickets.GuidedRequest": lambda row: _ticket(row["ticket_id"]),
    "tickets.HandOver": lambda row: _ticket(row["ticket_id"]),
    "tickets.TopicSkill": lambda row: ("topic", str(row["topic_id"])),
    "tickets.Attachment": lambda row: _message(row["message_id"]),
    "tickets.EscalationChain": _own("escalationchain"),
    "tickets.EscalationHook": _own("escalationhook"),
    "tickets.EscalationNotice": lambda _row: ANYTHING,
    "tickets.EscalationRequest": lambda row: _ticket(row["ticket_id"]),
    "tickets.EscalationRun": lambda row: _ticket(row["ticket_id"]),
    "tickets.EscalationStep": lambda row: (
        "escalationchain", EscalationChain.objects.values_list("public_id", flat=True).get(pk=row["chain_id"])
    ),
    "tickets.EscalationStepRecord": lambda _row: ANYTHING,
    "tickets.EscalationStorm": lambda _row: ANYTHING,
    "tickets.OnCallOverride": lambda row: _schedule(row["schedule_id"]),
    "tickets.OnCallParticipant": lambda row: _schedule(row["schedule_id"]),
    "tickets.OnCallSchedule": _own("oncallschedule"),
    "tickets.WebhookEndpoint": _own("webhookendpoint"),
    "tickets.TicketFollower": lambda row: _ticket(row["ticket_id"]),
    "tickets.NoticeSettings": lambda row: _staff(row["staff_id"]),
    "tickets.CustomField": _own("customfield"),
    "tickets.CustomFieldTopic": lambda row: ("customfield", str(row["field_id"])),
    "tickets.CustomValue": lambda row: _ticket(row["ticket_id"]),
    "tickets.ChecklistItem": lambda row: _ticket(row["ticket_id"]),
    "tickets.ChecklistTemplate": _own("checklisttemplate"),
    "tickets.TicketTemplate": _own("tickettemplate"),
    "tickets.TicketTemplateValue": lambda row: (
        "tickettemplate", TicketTemplate.objects.values_list("public_id", flat=True).get(pk=row["template_id"])
    ),
    "tickets.TimeEntry": lambda row: _ticket(row["ticket_id"]),
    "tickets.TicketLink": lambda row: _ticket(row["first_id"]),
    "tickets.TicketMerge": lambda row: _ticket(row["source_id"]),
    "tickets.InboundMail": _own("inbound_mail"),
    "tickets.Mailbox": _own("mailbox"),
    "tickets.MailRoute": lambda row: _ticket(row["ticket_id"]),
    "tickets.Message": lambda row: _ticket(row["ticket_id"]),
    "tickets.OutboundMail": lambda row: _message(row["message_id"]),
    "tickets.Participant": lambda row: _ticket(row["ticket_id"]),
    "tickets.CalendarFeed": _own("calendarfeed"),
    "tickets.PhoneCall": _own("phone_call"),
    "tickets.PhoneCallback": _own("phone_callback"),
    "tickets.PhoneEvent": _own("phone_event"),
    "tickets.PhoneLeg": lambda row: _call(row["call_id"]),
    "tickets.PhoneLine": _own("phone_line"),
    "tickets.PhoneReason": lambda row: (
        "phone_line", PhoneLine.objects.values_list("public_id", flat=True).get(pk=row["line_id"])
    ),
    "tickets.NumberCheck": lambda row: _staff(row["staff_id"]),
    "tickets.PhoneOrder": _own("phone_order"),
    "tickets.PhoneRecording": _own("phone_recording"),
    "tickets.SlaCalendar": _own("slacalendar"),
    "tickets.SlaClock": lambda row: _ticket(row["ticket_id"]),
    "tickets.SlaStep": lambda row: _ticket(row["ticket_id"]),
    "tickets.SlaPolicy": _own("slapolicy"),
    "tickets.SlaPolicyVersion": _own("slapolicyversion"),
    "tickets.SlaTeamCalendar": _own("slateamcalendar"),
    "tickets.SocialAccount": _own("social_account"),
    "tickets.SocialChat": lambda row: _customer(row["customer_id"]),
    "tickets.SocialEvent": _own("social_event"),
    # The vendor's person who asked for it, or whose it has become.
    "tickets.SocialLink": lambda _row: ANYTHING,
    "tickets.SocialImpostor": lambda row: (
        "social_account",
        SocialAccount.objects.values_list("public_id", flat=True).get(pk=row["account_id"]),
    ),
    "tickets.SocialItem": lambda row: _message(row["message_id"]),
    # Fixed words belong to no message.
    "tickets.SocialPost": lambda row: _message(row["message_id"]) if row["message_id"] else ANYTHING,
    "tickets.SocialRoute": _own("social_route"),
    "tickets.SocialTemplate": _own("social_template"),
    "tickets.SocialThread": lambda row: _ticket(row["ticket_id"]),
    "tickets.Survey": _own("survey"),
    "tickets.SurveyAnswer": lambda row: (
        "survey", Survey.objects.values_list("public_id", flat=True).get(pk=row["survey_id"])
    ),
    "tickets.Tag": _own("tag"),
    "tickets.Ticket": _own("ticket"),
    "tickets.TicketTag": lambda row: _ticket(row["ticket_id"]),
    "tickets.Topic": _own("topic"),
    "tickets.Upload": lambda row: _ticket(row["ticket_id"]),
    "core.Notice": lambda _row: ANYTHING,
    "core.StoredFile": lambda _row: ANYTHING,
}  # fmt: skip
# Kinds that answer for a row too: the ticket that first carries a tag, the ticket that a mail became part of, the session
# that a recovery code opened; mail past its life is wiped in one sweep, recorded with its count.
ALSO: dict[str, frozenset[str]] = {
    "livechat.AbuseStep": frozenset({"chat"}),
    # An import is one entry, with how many there were.
    **dict.fromkeys(("kb.Category", "kb.CategoryText", "kb.Section", "kb.SectionText"), frozenset({""})),
    "tickets.Tag": frozenset({"ticket"}),
    "tickets.InboundMail": frozenset({"ticket", ""}),
    "tickets.SocialEvent": frozenset({"ticket", ""}),
    "security.RecoveryCode": frozenset({"session"}),
}


def unaccounted(diff: Diff) -> Iterator[str]:
    """One sentence for each changed row that no entry of the audit log answers for."""
    named = {(entry.object_kind, entry.object_id) for entry in diff.entries}
    for change in diff.changes:
        if not needs_entry(change):
            continue
        who = NAMES[change.label](change.row) if change.label in NAMES else None
        kinds = ALSO.get(change.label, frozenset())
        is_told = who in named or (who == ANYTHING and named) or any(kind in kinds for kind, _ in named)
        if not is_told:
            yield f"{change} is not in the audit log: {sorted(named) or 'nothing is'}"


def needs_entry(change: Change) -> bool:
    """Whether more than bookkeeping has changed."""
    free, _why = BOOKKEEPING.get(change.label, (frozenset(), ""))
    seen = change.columns if change.verb == "update" else {change.verb}
    return "*" not in free and not seen <= free
