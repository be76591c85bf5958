"""Acts of administrators, of tasks and of commands."""

from functools import partial
from typing import Any

from accounts.models import Brand, Skill, Team
from core import audit, notices
from core.audit import SYSTEM
from core.ids import new_public_id
from core.inbound_tasks import anchor_audit, heartbeat_beat, seal_audit, verify_audit
from core.inbound_tasks import tidy as tidy_ground
from livechat.models import ChatHours, ProactiveMessage
from livechat.services import presence
from security.inbound_tasks import compare_fund_rule, prove_fund_rule
from security.models import ChannelReport
from security.services import api_tokens, invitations, official_channels, trainings
from tests.contracts.permissions.acts import Prepared, Sending, act, at, browser, person, run, stored, ticket
from tests.factories.guided import deposit_form
from tests.factories.livechat import ChatInboxFactory, form_of
from tests.factories.tickets import MailboxFactory, TopicFactory
from tickets import inbound_tasks, outbound_tasks
from tickets.models import CannedReply, InboundMail, OutboundMail, Tag, Topic
from tickets.services import replies
from tickets.services.senders import Sender

LOGGED = "admin.LogEntry"


def form(model: str, data: dict[str, Any], pk: int | None = None, listed: tuple[str, ...] = ()) -> Sending:
    """Return an administrator's form: adding, or changing row `pk`."""
    who = person("admin")
    path = at(f"admin:{model}_change", pk) if pk else at(f"admin:{model}_add")
    return Sending(browser(who), path, data, frozenset(listed), actor=who.actor)


def chosen(model: str, action: str, pk: int, fields: frozenset[str] = frozenset()) -> Sending:
    """Return an action on one chosen row of a list, and what else its form asks for."""
    who = person("admin")
    data = {"action": action, "_selected_action": [str(pk)], "post": "yes"}
    return Sending(browser(who), at(f"admin:{model}_changelist"), data, fields, actor=who.actor)


@act("admin add accounts.Staff", "accounts.Staff", "security.Invitation", "core.Notice")
def add_somebody() -> Prepared:
    return form("accounts_staff", {"email": f"{new_public_id()}@cast.test", "name": "New", "role": "lead"})


@act("admin change accounts.Staff", "accounts.Staff", "security.StaffSession")
def change_somebody() -> Prepared:
    who = person()
    browser(who)
    return form("accounts_staff", {"name": "Other", "role": "lead", "is_active": "on"}, who.pk)


@act("admin change accounts.Staff", "accounts.Staff")
def shut_somebody_out() -> Prepared:
    who = person()
    return form("accounts_staff", {"name": who.name, "role": who.role}, who.pk, ("is_active",))


@act("admin change accounts.Staff", "accounts.Staff")
def let_somebody_in_again() -> Prepared:
    who = person(is_active=False)
    return form("accounts_staff", {"name": who.name, "role": who.role, "is_active": "on"}, who.pk)


@act("admin invite_again accounts.Staff", "security.Invitation", "core.Notice")
def invite_again() -> Prepared:
    return chosen("accounts_staff", "invite_again", person().pk)


@act("admin end_sessions accounts.Staff", "accounts.Staff", "security.StaffSession")
def end_sessions() -> Prepared:
    who = person()
    browser(who)
    return chosen("accounts_staff", "end_sessions", who.pk)


@act("admin deactivate accounts.Staff", "accounts.Staff")
def deactivate() -> Prepared:
    return chosen("accounts_staff", "deactivate", person().pk)


TEAM = (
    "slug", "name", "is_restricted", "memberships-TOTAL_FORMS", "memberships-INITIAL_FORMS", "memberships-0-staff",
    "method", "is_sticky", "only_on_shift", "language_level", "assigns_tickets", "take_back_after_min", "gives_back", "overflow_team",
    "overflow_after_min",
)  # fmt: skip
ASSIGNS = {"method": "round_robin", "language_level": "2", "take_back_after_min": "30", "overflow_after_min": "10"}


@act("admin add accounts.Team", "accounts.Team", "accounts.TeamMembership")
def add_a_team() -> Prepared:
    slug = new_public_id()
    data = {**ASSIGNS, "name": slug, "slug": slug, "memberships-TOTAL_FORMS": "1", "memberships-INITIAL_FORMS": "0"}
    return form("accounts_team", {**data, "memberships-0-staff": str(person().pk)}, listed=TEAM)


@act("admin change accounts.Team", "accounts.Team", "accounts.TeamMembership")
def change_a_team() -> Prepared:
    team = Team.objects.create(name=new_public_id(), slug=new_public_id())
    gone = team.memberships.create(staff=person())
    data = {
        **ASSIGNS,
        "name": f"{team.name} 2", "slug": team.slug, "memberships-TOTAL_FORMS": "1", "memberships-INITIAL_FORMS": "1",
        "memberships-0-id": str(gone.pk), "memberships-0-team": str(team.pk), "memberships-0-staff": str(gone.staff_id),
        "memberships-0-DELETE": "on",
    }  # fmt: skip
    return form("accounts_team", data, team.pk, TEAM)


@act("admin add accounts.Brand", "accounts.Brand")
def add_a_brand() -> Prepared:
    return form("accounts_brand", {"name": new_public_id()}, listed=("legal_name", "website"))


@act("admin change accounts.Brand", "accounts.Brand")
def change_a_brand() -> Prepared:
    brand = Brand.objects.create(name=new_public_id())
    return form("accounts_brand", {"name": new_public_id()}, brand.pk, ("legal_name", "website"))


INBOX = (
    "slug", "name", "name_zh_hans", "greeting", "greeting_zh_hans", "is_active", "allowed_origins", "theme",
    "mail_after_min", "brand", "team", "proactive_per_day",
    "bot", "shows_typing", "allows_app", "pushes_unread", "abuse_hours",
)  # fmt: skip


@act("admin add livechat.ChatInbox", "livechat.ChatInbox")
def add_a_chat_inbox() -> Prepared:
    data = {"name": "Chat", "slug": new_public_id(), "allowed_origins": "https://a.example,https://b.example"}
    settings = {"theme": "dark", "mail_after_min": "5", "proactive_per_day": "1", "abuse_hours": "24"}
    return form("livechat_chatinbox", {**data, **settings}, listed=INBOX)


@act("admin change livechat.ChatInbox", "livechat.ChatInbox")
def change_a_chat_inbox() -> Prepared:
    inbox = ChatInboxFactory.create(slug=new_public_id())
    data = {
        "name": "Other",
        "slug": inbox.slug,
        "theme": "light",
        "mail_after_min": "10",
        "abuse_hours": "48",
        "proactive_per_day": "3",
        "allowed_origins": "https://c.example",
    }
    return form("livechat_chatinbox", data, inbox.pk, INBOX)


PROACTIVE = (
    "inbox", "name", "text", "text_zh_hans", "paths", "after_s", "who", "visits", "languages", "is_attended_only",
    "priority", "every_days", "starts_at", "ends_at", "is_active",
)  # fmt: skip
SHOWN_BY_ITSELF = {
    "name": "Withdrawals", "text": "Stuck?", "paths": "/withdraw,/account/*", "after_s": "5", "who": "proven",
    "visits": "all", "languages": ["en"], "priority": "1", "every_days": "7", "is_active": "on",
}  # fmt: skip


@act("admin add livechat.ProactiveMessage", "livechat.ProactiveMessage")
def add_a_proactive_message() -> Prepared:
    inbox = ChatInboxFactory.create(slug=new_public_id())
    return form("livechat_proactivemessage", {**SHOWN_BY_ITSELF, "inbox": str(inbox.pk)}, listed=PROACTIVE)


@act("admin change livechat.ProactiveMessage", "livechat.ProactiveMessage")
def change_a_proactive_message() -> Prepared:
    inbox = ChatInboxFactory.create(slug=new_public_id())
    kept = ProactiveMessage.objects.create(inbox=inbox, name="Deposits", text="Waiting?", paths=["/deposit"])
    data = {**SHOWN_BY_ITSELF, "inbox": str(inbox.pk)}
    return form("livechat_proactivemessage", data, kept.pk, PROACTIVE)


AGENT = ("staff", "languages", "level_en", "level_zh_hans", "capacity", "ticket_capacity", "phone_capacity", "weight")
ROOM = {"ticket_capacity": "12", "phone_capacity": "1", "weight": "2", "level_en": "4", "level_zh_hans": "2"}


@act("admin add accounts.Presence", "accounts.Presence")
def add_a_chat_agent() -> Prepared:
    data = {**ROOM, "staff": person().pk, "languages": ["en"], "capacity": "2"}
    return form("accounts_presence", data, listed=AGENT)


@act("admin change accounts.Presence", "accounts.Presence")
def change_a_chat_agent() -> Prepared:
    who = person()
    presence.say(person=who, state="online")
    return form("accounts_presence", {**ROOM, "languages": ["en"], "capacity": "5"}, who.pk, AGENT)


SKILL = ("name", "is_active", "people-TOTAL_FORMS", "people-INITIAL_FORMS", "people-0-staff", "people-0-level")


@act("admin add accounts.Skill", "accounts.Skill", "accounts.StaffSkill")
def add_a_skill() -> Prepared:
    data = {
        "name": new_public_id(), "is_active": "on", "people-TOTAL_FORMS": "1", "people-INITIAL_FORMS": "0",
        "people-0-staff": str(person().pk), "people-0-level": "3",
    }  # fmt: skip
    return form("accounts_skill", data, listed=SKILL)


@act("admin change accounts.Skill", "accounts.Skill", "accounts.StaffSkill")
def change_a_skill() -> Prepared:
    skill = Skill.objects.create(name=new_public_id())
    data = {
        "name": new_public_id(), "people-TOTAL_FORMS": "1", "people-INITIAL_FORMS": "0",
        "people-0-staff": str(person().pk), "people-0-level": "3",
    }  # fmt: skip
    return form("accounts_skill", data, skill.pk, SKILL)


HOURS = ("inbox", "time_zone", "weekly", "dates", "is_active")


@act("admin add livechat.ChatHours", "livechat.ChatHours")
def add_chat_hours() -> Prepared:
    inbox = ChatInboxFactory.create(slug=new_public_id())
    data = {"inbox": str(inbox.pk), "time_zone": "Asia/Singapore", "weekly": "mon-fri 09:00-18:00", "is_active": "on"}
    return form("livechat_chathours", data, listed=HOURS)


@act("admin change livechat.ChatHours", "livechat.ChatHours")
def change_chat_hours() -> Prepared:
    hours = ChatHours.objects.create(inbox=ChatInboxFactory.create(slug=new_public_id()))
    data = {"inbox": str(hours.inbox_id), "time_zone": "UTC", "dates": "2026-12-25", "is_active": "on"}
    return form("livechat_chathours", data, hours.pk, HOURS)


CHAT_FORM = ("inbox", "topic", "name", "name_zh_hans", "position", "is_guided", "is_active")


@act("admin add livechat.TopicForm", "livechat.TopicForm", "livechat.TopicQuestion")
def add_a_chat_form() -> Prepared:
    topic = Topic.objects.create(
        parent=Topic.objects.create(name=new_public_id(), slug=new_public_id()), name="Fees", slug=new_public_id()
    )
    data = {
        "inbox": str(ChatInboxFactory.create(slug=new_public_id()).pk), "topic": str(topic.pk), "name": "Fees",
        "position": "1", "questions-TOTAL_FORMS": "1", "questions-INITIAL_FORMS": "0", "questions-0-position": "1",
        "questions-0-kind": "choice", "questions-0-label": "Which fee?", "questions-0-choices": "Trading,Network",
        "questions-0-choices_zh_hans": "交易,网络",
    }  # fmt: skip
    return form("livechat_topicform", data, listed=CHAT_FORM)


@act("admin change livechat.TopicForm", "livechat.TopicForm", "livechat.TopicQuestion")
def change_a_chat_form() -> Prepared:
    kept, gone = form_of(ChatInboxFactory.create(slug=new_public_id()))
    data = {
        "inbox": str(kept.inbox_id), "topic": str(kept.topic_id), "name": "Other", "position": "2",
        "questions-TOTAL_FORMS": "1", "questions-INITIAL_FORMS": "1", "questions-0-id": str(gone.pk),
        "questions-0-form": str(kept.pk), "questions-0-position": "1", "questions-0-kind": "text",
        "questions-0-label": "Gone", "questions-0-DELETE": "on",
    }  # fmt: skip
    return form("livechat_topicform", data, kept.pk, CHAT_FORM)


GUIDED_FORM = (
    "topic", "name", "name_zh_hans", "lead", "lead_zh_hans", "matter", "matter_zh_hans", "outcome", "outcome_zh_hans",
    "is_urgent", "position", "is_active",
)  # fmt: skip


@act("admin add tickets.GuidedForm", "tickets.GuidedForm", "tickets.GuidedQuestion")
def add_a_guided_form() -> Prepared:
    topic = TopicFactory.create(slug=new_public_id(), name=new_public_id())
    data = {
        "topic": str(topic.pk), "name": "Fees", "matter": "fee", "position": "1", "questions-TOTAL_FORMS": "1",
        "questions-INITIAL_FORMS": "0", "questions-0-position": "1", "questions-0-kind": "amount",
        "questions-0-need": "wanted", "questions-0-label": "How much?",
    }  # fmt: skip
    return form("tickets_guidedform", data, listed=GUIDED_FORM)


@act("admin change tickets.GuidedForm", "tickets.GuidedForm", "tickets.GuidedQuestion")
def change_a_guided_form() -> Prepared:
    kept = deposit_form(new_public_id())
    kept.questions.filter(position__gt=1).delete()
    gone = kept.questions.get()
    data = {
        "name": "Other", "matter": "deposit", "position": "2", "questions-TOTAL_FORMS": "1",
        "questions-INITIAL_FORMS": "1", "questions-0-id": str(gone.pk), "questions-0-form": str(kept.pk),
        "questions-0-position": "1", "questions-0-kind": "asset", "questions-0-need": "wanted",
        "questions-0-label": "Gone", "questions-0-DELETE": "on",
    }  # fmt: skip
    return form("tickets_guidedform", data, kept.pk, GUIDED_FORM)


CANNED_REPLY = ("team", "text_zh_hans")


@act("admin add tickets.CannedReply", "tickets.CannedReply")
def add_a_canned_reply() -> Prepared:
    data = {"shortcut": new_public_id(), "title": "Fees", "text": "Hello {customer}", "is_active": "on"}
    return form("tickets_cannedreply", data, listed=CANNED_REPLY)


@act("admin change tickets.CannedReply", "tickets.CannedReply")
def change_a_canned_reply() -> Prepared:
    row = CannedReply.objects.create(shortcut=new_public_id(), title="Fees", text="Hello")
    data = {"shortcut": row.shortcut, "title": "Other", "text": "Hello", "is_active": "on"}
    return form("tickets_cannedreply", data, row.pk, CANNED_REPLY)


@act("admin revoke security.ApiToken", "security.ApiToken")
def revoke_a_token() -> Prepared:
    who = person()
    token, _secret = api_tokens.issue(person=who, name="x", scopes=["read"], actor=SYSTEM)
    return chosen("security_apitoken", "revoke", token.pk)


@act("admin revoke security.Invitation", "security.Invitation")
def revoke_an_invitation() -> Prepared:
    invited = invitations.invite(person=person(), invited_by=None)
    return chosen("security_invitation", "revoke", invited.invitation.pk)


@act("admin add security.TrainingCertificate", "security.TrainingCertificate")
def record_a_training() -> Prepared:
    return form("security_trainingcertificate", {"person": str(person().pk)})


@act("admin add security.TrainingWithdrawal", "security.TrainingWithdrawal")
def withdraw_a_training() -> Prepared:
    certificate = trainings.record(person=person(), by=person("admin"))
    return form("security_trainingwithdrawal", {"certificate": str(certificate.pk), "reason": "Taken by another."})


@act("admin add security.OfficialChannel", "security.OfficialChannel")
def add_a_channel() -> Prepared:
    data = {"kind": "telegram", "value": f"@{new_public_id()}", "state": "official"}
    return form("security_officialchannel", data, listed=("note",))


@act("admin change security.OfficialChannel", "security.OfficialChannel")
def retire_a_channel() -> Prepared:
    row = official_channels.add(kind="x", value=new_public_id(), by=None)
    return form("security_officialchannel", {"state": "retired"}, row.pk, ("note",))


def reported() -> ChannelReport:
    row = official_channels.report(value=f"@{new_public_id()}", told="Asked for my code.", kind="telegram")
    assert row is not None
    return row


@act("admin confirm security.ChannelReport", "security.ChannelReport", "security.OfficialChannel")
def confirm_a_report() -> Prepared:
    return chosen("security_channelreport", "confirm", reported().pk)


@act("admin dismiss security.ChannelReport", "security.ChannelReport")
def dismiss_a_report() -> Prepared:
    return chosen("security_channelreport", "dismiss", reported().pk)


MAILBOX = (
    "brand", "team", "language", "signature", "trusted_authserv_id", "imap_host", "imap_user", "imap_secret", "smtp_host",
    "smtp_user", "smtp_secret", "oauth_token_url", "oauth_client_id", "oauth_client_secret", "ca_certificate", "is_active",
    "survey_after_h", "survey_every_days",
)  # fmt: skip
REQUIRED = {
    "inbound": "listener", "imap_port": "993", "imap_security": "tls", "imap_auth": "password", "imap_folder": "INBOX",
    "smtp_port": "587", "smtp_security": "starttls", "smtp_auth": "password", "language": "en",
    "survey_every_days": "30",
}  # fmt: skip


@act("admin add tickets.Mailbox", "tickets.Mailbox")
def add_a_mailbox() -> Prepared:
    slug = new_public_id()
    return form(
        "tickets_mailbox", {**REQUIRED, "address": f"{slug}@cast.test", "name": "Box", "slug": slug}, listed=MAILBOX
    )


@act("admin change tickets.Mailbox", "tickets.Mailbox")
def change_a_mailbox() -> Prepared:
    slug = new_public_id()
    box = MailboxFactory.create(slug=slug, address=f"{slug}@cast.test")
    data = {**REQUIRED, "address": box.address, "name": "Other", "slug": slug, "is_active": "on"}
    return form("tickets_mailbox", data, box.pk, MAILBOX)


@act("admin add tickets.Tag", "tickets.Tag")
def add_a_tag() -> Prepared:
    return form("tickets_tag", {"name": new_public_id()})


@act("admin change tickets.Tag", "tickets.Tag")
def rename_a_tag() -> Prepared:
    return form("tickets_tag", {"name": new_public_id()}, Tag.objects.create(name=new_public_id()).pk)


@act("admin delete tickets.Tag", "tickets.Tag")
def delete_a_tag() -> Prepared:
    who, tag = person("admin"), Tag.objects.create(name=new_public_id())
    return Sending(browser(who), at("admin:tickets_tag_delete", tag.pk), {"post": "yes"}, actor=who.actor)


@act("admin delete_selected tickets.Tag", "tickets.Tag")
def delete_chosen_tags() -> Prepared:
    return chosen("tickets_tag", "delete_selected", Tag.objects.create(name=new_public_id()).pk)


TOPIC = (
    "parent",
    "is_active",
    "skills-TOTAL_FORMS",
    "skills-INITIAL_FORMS",
    "skills-0-skill",
    "skills-0-level",
    "checklist",
)


def asking_for_a_skill() -> dict[str, str]:
    """Return a topic's form with one skill that it asks for."""
    skill = Skill.objects.create(name=new_public_id())
    forms = {"skills-TOTAL_FORMS": "1", "skills-INITIAL_FORMS": "0"}
    return {**forms, "name": new_public_id(), "skills-0-skill": str(skill.pk), "skills-0-level": "2"}


@act("admin add tickets.Topic", "tickets.Topic", "tickets.TopicSkill")
def add_a_topic() -> Prepared:
    return form("tickets_topic", {**asking_for_a_skill(), "slug": new_public_id()}, listed=TOPIC)


@act("admin change tickets.Topic", "tickets.Topic", "tickets.TopicSkill")
def rename_a_topic() -> Prepared:
    topic = Topic.objects.create(name=new_public_id(), slug=new_public_id())
    return form("tickets_topic", {**asking_for_a_skill(), "slug": topic.slug, "is_active": "on"}, topic.pk, TOPIC)


@act("task core.seal_audit", "core.Heartbeat")
def seal() -> Prepared:
    return partial(seal_audit)


@act("task core.anchor_audit", why="writes to the anchor file")
def anchor() -> Prepared:
    return partial(anchor_audit)


@act("task core.heartbeat_beat", "core.Heartbeat")
def beat() -> Prepared:
    return partial(heartbeat_beat)


@act("task core.verify_audit", why="reads the chain")
def verify_by_task() -> Prepared:
    return partial(verify_audit)


@act("task security.compare_fund_rule", "core.Heartbeat")
def compare_the_rule() -> Prepared:
    return partial(compare_fund_rule)


@act("task security.prove_fund_rule", "core.Heartbeat")
def prove_the_rule() -> Prepared:
    return partial(prove_fund_rule)


@act("task core.tidy", why="idempotency keys and ended sessions past their life, files without a row")
def tidy_up_the_ground() -> Prepared:
    return partial(tidy_ground)


@act("task tickets.ingest", "tickets.InboundMail", "tickets.Ticket", "tickets.Message")
def take_a_mail_in() -> Prepared:
    row = stored()
    return lambda: inbound_tasks.ingest(row.pk)


def owed() -> OutboundMail:
    said = replies.add(
        ticket=ticket(), sender=Sender.of_staff(person()), channel="email", words=replies.Words(text="Hello")
    )
    OutboundMail.objects.filter(message=said).update(next_attempt_at="2026-01-01T00:00:00Z")
    return said.outbound


@act("task tickets.deliver_email", "tickets.OutboundMail")
def send_a_mail() -> Prepared:
    row = owed()

    def send_and_tell() -> None:
        outbound_tasks.deliver_email(row.pk)
        inbound_tasks.mail_settled(row.pk)

    return send_and_tell


@act("task tickets.mail_settled", "tickets.OutboundMail")
def tell_of_a_failure() -> Prepared:
    row = owed()
    OutboundMail.objects.filter(pk=row.pk).update(state="failed", last_error="550 no such user")
    return lambda: inbound_tasks.mail_settled(row.pk)


@act("task tickets.deliver_notice", "core.Notice")
def send_a_notice() -> Prepared:
    row = notices.send(kind="invitation", to="mina@example.com", subject="Hello", body="Hello", language="en")
    return lambda: outbound_tasks.deliver_notice(row.pk)


@act("task tickets.tell_fund_step", why="without an action there is no step; one that is told: test_fund_timeline.py")
def tell_a_step() -> Prepared:
    return lambda: inbound_tasks.tell_fund_step(-1)


@act("task tickets.sweep_inbox", "core.Heartbeat")
def sweep_in() -> Prepared:
    return partial(inbound_tasks.sweep_inbox)


@act("task tickets.sweep_outbox", "core.Heartbeat")
def sweep_out() -> Prepared:
    return partial(inbound_tasks.sweep_outbox)


@act("task tickets.watch", why="alarms, which open and close by what is seen")
def watch() -> Prepared:
    return partial(inbound_tasks.watch)


@act("task tickets.tidy", "tickets.InboundMail")
def tidy_up_mail() -> Prepared:
    InboundMail.objects.create(
        mailbox=MailboxFactory.create(), source="smtp", identity=new_public_id(), raw=b"sealed", size=6, state="ignored",
        received_at="2026-01-01T00:00:00Z",
    )  # fmt: skip
    return partial(inbound_tasks.tidy)


@act("command api_token", "security.ApiToken")
def token_by_command() -> Prepared:
    return run("api_token", person().email)


@act("command create_admin", "accounts.Staff", "security.Invitation")
def administrator_by_command() -> Prepared:
    return run("create_admin", f"{new_public_id()}@cast.test", "First")


@act("command fingerprint_sent", "tickets.SentFingerprint")
def remember_former_mail() -> Prepared:
    OutboundMail.objects.filter(pk=owed().pk).update(state="sent", sent_at="2026-01-01T00:00:00Z")
    return run("fingerprint_sent")


@act("command verify_audit", why="reads")
def verify() -> Prepared:
    # A chain that was never anchored is a fault once it is old.
    audit.seal()
    audit.anchor()
    return run("verify_audit")
