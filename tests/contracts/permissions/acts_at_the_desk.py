"""Acts of agents and leads at the desk."""

import re
from datetime import timedelta
from functools import partial
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Staff
from core import files
from core.clock import DatabaseNow, from_now, now
from core.ids import new_public_id
from livechat.services import presence
from tests.contracts.permissions.acts import Prepared, Sending, act, at, browser, person, stored, ticket
from tests.factories.accounts import TeamFactory
from tests.factories.customers import portal_customer, portal_ticket
from tests.factories.tickets import MailboxFactory, TopicFactory, mail_ticket
from tickets import inbound_tasks
from tickets.actions import Action, Kind
from tickets.models import Alarm, Attachment, InboundMail, Mailbox, OutboundMail, Snooze, Ticket, Upload
from tickets.selectors import manual_reviews
from tickets.selectors import saved_views as shown_views
from tickets.services import (
    bulk,
    canned,
    contacts,
    identity_documents,
    properties,
    replies,
    saved_views,
    snoozes,
    status,
    survey_mails,
)
from tickets.services.senders import Sender

CHANGED = ("tickets.Ticket", "tickets.Message")


def changing(name: str, data: dict[str, Any], *, role: str = "agent", case: Ticket | None = None) -> Sending:
    """Return a change of one property, with the version on screen."""
    case = case or ticket()
    who = person(role)
    case.refresh_from_db()
    given = {**data, "version": str(case.version)}
    return Sending(browser(who), at(f"desk:{name}", case.public_id), given, actor=who.actor)


@act("POST desk:reply", *CHANGED, "tickets.OutboundMail", "tickets.Upload", "tickets.Attachment")
def reply_with_a_file() -> Prepared:
    who, case = person(), ticket()
    Upload.objects.create(ticket=case, staff=who, file=files.store(b"proof", name="proof.txt"))
    listed = frozenset({"seen_seq", "intent", "client_key", "then_status", "macro"})
    return Sending(browser(who), at("desk:reply", case.public_id), {"body": "On its way."}, listed, actor=who.actor)


@act("POST desk:note", *CHANGED)
def note() -> Prepared:
    who = person("light_agent")
    path = at("desk:note", ticket().public_id)
    return Sending(browser(who), path, {"body": "Seen before."}, frozenset({"client_key", "macro"}), actor=who.actor)


CANNED = {"title": "Hello", "text": "Hello {customer}!", "text_zh_hans": "", "is_active": "on"}


@act("POST desk:canned_new", "tickets.CannedReply")
def add_a_canned_reply() -> Prepared:
    who = person("lead")
    data = {**CANNED, "shortcut": new_public_id(), "scope": "all"}
    return Sending(browser(who), at("desk:canned_new"), data, actor=who.actor)


@act("POST desk:canned_one", "tickets.CannedReply")
def change_a_canned_reply() -> Prepared:
    who = person()
    row = canned.add(by=who, wording=canned.Wording(shortcut="hi", title="Hi", text="Hi"), is_own=True)
    return Sending(browser(who), at("desk:canned_one", row.public_id), {**CANNED, "shortcut": "hi"}, actor=who.actor)


@act("POST desk:canned_used", "tickets.CannedReply")
def use_a_canned_reply() -> Prepared:
    who = person()
    row = canned.add(by=who, wording=canned.Wording(shortcut="hi", title="Hi", text="Hi"), is_own=True)
    return Sending(browser(who), at("desk:canned_used", row.public_id), actor=who.actor)


@act("POST desk:snooze", *CHANGED, "tickets.Snooze")
def put_a_case_to_sleep() -> Prepared:
    who = person()
    listed = frozenset({"version", "reason", "until"})
    return Sending(browser(who), at("desk:snooze", ticket().public_id), {"preset": "hour"}, listed, actor=who.actor)


@act("POST desk:wake", *CHANGED, "tickets.Snooze")
def wake_a_case() -> Prepared:
    who, case = person(), ticket()
    snoozes.put_to_sleep(ticket=case, until=now() + timedelta(hours=1), by=who)
    return Sending(browser(who), at("desk:wake", case.public_id), takes=frozenset({"version"}), actor=who.actor)


@act("task tickets.sweep_snoozes", *CHANGED, "tickets.Snooze", "core.Heartbeat")
def sweep_snoozes() -> Prepared:
    who, case = person(), ticket()
    began, over = from_now(-timedelta(hours=2)), from_now(-timedelta(hours=1))
    Snooze.objects.create(ticket=case, owner=who, by=who, started_at=began, until=over)
    Ticket.objects.filter(pk=case.pk).update(is_snoozed=True)
    return partial(inbound_tasks.sweep_snoozes)


VIEW = {"name": "Mine", "sort": "-updated", "grouping": "", "columns": ["number"]}
CONDITION = {"field": ["status"], "is": ["yes"], "value": ["open"]}


@act("POST desk:view_new", "tickets.SavedView")
def make_a_view() -> Prepared:
    who = person("lead")
    listed = frozenset({"count"})
    return Sending(browser(who), at("desk:view_new"), {**VIEW, **CONDITION, "scope": "all"}, listed, actor=who.actor)


@act("POST desk:view_edit", "tickets.SavedView")
def change_a_view() -> Prepared:
    who, slug = _view()
    return Sending(
        browser(who), at("desk:view_edit", slug), {**VIEW, **CONDITION}, frozenset({"count"}), actor=who.actor
    )


@act("POST desk:view_archive", "tickets.SavedView")
def put_a_view_away() -> Prepared:
    who, slug = _view()
    return Sending(browser(who), at("desk:view_archive", slug), actor=who.actor)


@act("POST desk:view_move", "tickets.SavedView")
def move_a_view() -> Prepared:
    who, slug = _view()
    return Sending(browser(who), at("desk:view_move", slug), {"to": "up"}, actor=who.actor)


def _view() -> tuple[Staff, str]:
    who = person()
    saved_views.add(by=who, wording=saved_views.Wording(name="first"))
    return who, shown_views.slug_of(saved_views.add(by=who, wording=saved_views.Wording(name="second")))


@act("POST desk:macro", *CHANGED, "tickets.CannedReply")
def apply_a_macro() -> Prepared:
    who = person()
    row = canned.add(by=who, wording=canned.Wording(shortcut="hi", title="Hi", actions=(URGENT,)), is_own=True)
    return Sending(browser(who), at("desk:macro", ticket().public_id, row.public_id), actor=who.actor)


URGENT = Action(Kind.PRIORITY, "urgent")


@act("POST desk:bulk_new", "tickets.BulkChange")
def change_many() -> Prepared:
    who = person()
    data = {"scope": "chosen", "ticket": ticket().public_id, "do_priority": "urgent"}
    fields = frozenset({"macro", "sends", *(f"do_{kind}" for kind in Kind.values)})
    path, client = f"{at('desk:bulk_new')}?view=open", browser(who)
    mark = re.search(r'name="mark" value="([^"]+)"', client.post(path, data).content.decode())
    assert mark is not None, "what is confirmed is not named"
    return Sending(client, path, data | {"step": "go", "mark": mark[1]}, fields, actor=who.actor)


@act("POST desk:bulk_stop", "tickets.BulkChange")
def stop_a_bulk_change() -> Prepared:
    who = person()
    change = bulk.begin(by=who, tickets=[ticket().pk], wanted=[URGENT])
    return Sending(browser(who), at("desk:bulk_stop", change.public_id), actor=who.actor)


@act("POST desk:bulk_undo", "tickets.BulkChange")
def undo_a_bulk_change() -> Prepared:
    who = person()
    change = bulk.begin(by=who, tickets=[ticket().pk], wanted=[URGENT])
    bulk.work(change.pk)
    return Sending(browser(who), at("desk:bulk_undo", change.public_id), actor=who.actor)


@act("task tickets.work_bulk_change", *CHANGED, "tickets.BulkChange", "tickets.BulkItem")
def work_a_bulk_change() -> Prepared:
    change = bulk.begin(by=person(), tickets=[ticket().pk], wanted=[URGENT])
    return partial(inbound_tasks.work_bulk_change, change.pk)


@act("task tickets.sweep_bulk_changes")
def sweep_bulk_changes() -> Prepared:
    bulk.begin(by=person(), tickets=[ticket().pk], wanted=[URGENT])
    return partial(inbound_tasks.sweep_bulk_changes)


@act("POST desk:draft", "tickets.Draft")
def keep_a_draft() -> Prepared:
    who = person()
    data = {"mode": "reply", "draft_version": "0", "body": "Not yet"}
    return Sending(browser(who), at("desk:draft", ticket().public_id), data, actor=who.actor)


@act("POST desk:upload", "tickets.Upload", "core.StoredFile")
def put_a_file_into_the_composer() -> Prepared:
    who = person()
    data = {"file": SimpleUploadedFile("a.txt", b"text")}
    return Sending(browser(who), at("desk:upload", ticket().public_id), data, frozenset({"mode"}), actor=who.actor)


@act("POST desk:upload_remove", "tickets.Upload")
def take_a_file_out_again() -> Prepared:
    who, case = person(), ticket()
    waiting = Upload.objects.create(ticket=case, staff=who, file=files.store(b"proof", name="proof.txt"))
    return Sending(browser(who), at("desk:upload_remove", case.public_id, waiting.public_id), actor=who.actor)


@act("POST desk:undo", *CHANGED, "tickets.OutboundMail", "tickets.Draft")
def take_a_reply_back() -> Prepared:
    who, case = person(), ticket()
    said = replies.add(ticket=case, sender=Sender.of_staff(who), channel="email", words=replies.Words(text="Oops"))
    return Sending(browser(who), at("desk:undo", case.public_id, said.seq), actor=who.actor)


@act("POST desk:retry", "tickets.OutboundMail")
def send_a_failed_mail_again() -> Prepared:
    who, case = person(), ticket()
    said = replies.add(ticket=case, sender=Sender.of_staff(who), channel="email", words=replies.Words(text="Hello"))
    OutboundMail.objects.filter(message=said).update(state="failed")
    return Sending(browser(who), at("desk:retry", case.public_id, said.seq), actor=who.actor)


@act("POST desk:assign", *CHANGED)
def assign() -> Prepared:
    return changing("assign", {"assignee": person().public_id})


@act("POST desk:pass_on", *CHANGED, "tickets.Decision")
def pass_it_on() -> Prepared:
    who, case = person(), ticket()
    properties.assign(ticket=case, to=who, by=who)
    return Sending(browser(who), at("desk:pass_on", case.public_id), actor=who.actor)


@act("task tickets.assign_waiting", *CHANGED, "tickets.Decision", "accounts.Presence")
def assign_what_waits() -> Prepared:
    team = TeamFactory.create(slug=new_public_id(), assigns_tickets=True)
    who = person()
    team.memberships.create(staff=who)
    presence.say(person=who, state="online")
    mail_ticket(team=team)
    return partial(inbound_tasks.assign_waiting)


@act("POST desk:status", *CHANGED)
def move() -> Prepared:
    return changing("status", {"status": "pending"})


@act("POST desk:priority", *CHANGED)
def hurry() -> Prepared:
    return changing("priority", {"priority": "high"})


@act("POST desk:tags", *CHANGED, "tickets.TicketTag", "tickets.Tag")
def tag() -> Prepared:
    case = ticket()
    return changing("tags", {"tags": [f"tag {case.number}"]}, case=case)


@act("POST desk:topic", *CHANGED)
def say_why() -> Prepared:
    topic = TopicFactory.create()
    return changing("topic", {"topic": topic.slug})


@act("POST desk:team", *CHANGED)
def hand_over() -> Prepared:
    return changing("team", {"team": TeamFactory.create().slug})


@act("POST desk:language", *CHANGED)
def correct_the_language() -> Prepared:
    return changing("language", {"language": "de"})


@act("POST desk:spam", *CHANGED)
def put_aside() -> Prepared:
    return changing("spam", {"is_spam": "1"})


@act("POST desk:spam_release", *CHANGED)
def release_from_spam() -> Prepared:
    who, case = person("lead"), ticket()
    properties.set_spam(ticket=case, is_spam=True, by=who)
    return Sending(browser(who), at("desk:spam_release"), {"ticket": [case.public_id]}, actor=who.actor)


def with_a_file() -> Attachment:
    """Return a file of a customer's first message."""
    said = ticket().messages.get(seq=1)
    return Attachment.objects.create(message=said, file=files.store(b"proof", name="passport.txt"))


@act("POST desk:documents", "tickets.Attachment")
def take_a_file_for_a_document() -> Prepared:
    who, row = person(), with_a_file()
    path = at("desk:documents", row.message.ticket.public_id, row.message.seq)
    return Sending(browser(who), path, {"file": row.public_id}, actor=who.actor)


@act("task tickets.move_document", "tickets.Attachment", "core.StoredFile", "security.ReviewDocument")
def move_a_document() -> Prepared:
    row = with_a_file()
    identity_documents.mark(message=row.message, files=[row.public_id], by=person())
    return lambda: inbound_tasks.move_document(row.pk)


@act("task tickets.mail_surveys", "tickets.Survey", "tickets.Message", "tickets.Ticket", "tickets.OutboundMail")
def ask_by_mail() -> Prepared:
    who, case = person(), mail_ticket()
    Mailbox.objects.update(survey_after_h=0)
    case = properties.set_topic(ticket=case, to=TopicFactory.create(), by=who)
    status.move(ticket=case, to="resolved", by=who)
    return survey_mails.mail_due


@act("task tickets.sweep_documents", why="rings for rows")
def sweep_documents() -> Prepared:
    return partial(inbound_tasks.sweep_documents)


@act("POST desk:message_language", "tickets.Message")
def correct_the_language_of_a_message() -> Prepared:
    who = person()
    path = at("desk:message_language", ticket().public_id, 1)
    return Sending(browser(who), path, {"language": "de"}, actor=who.actor)


@act("POST desk:new", *CHANGED, "accounts.Customer", "accounts.CustomerAddress")
def open_by_hand() -> Prepared:
    who = person()
    MailboxFactory.create()
    data = {
        "channel": "phone", "requester_address": f"+44 20 8366 {1000 + who.pk % 9000}", "subject": "Called", "body": "Asked.",
        "priority": "normal",
    }  # fmt: skip
    listed = frozenset({"requester_name", "topic", "assign_to_me", "form_key", "template", "team", "tags", "checklist"})
    return Sending(browser(who), at("desk:new"), data, listed, actor=who.actor)


@act("POST desk:freeze", "security.FreezeOrder", "tickets.Message", "core.Notice")
def freeze_a_customer() -> Prepared:
    MailboxFactory.create()
    name = new_public_id()
    case = portal_ticket(portal_customer(f"acc-{name}", f"{name}@example.com"))
    who = person()
    return Sending(browser(who), at("desk:freeze", case.public_id), {"reason": "Phone stolen."}, actor=who.actor)


@act("POST desk:contact_note", "tickets.CustomerNote")
def note_about_a_customer() -> Prepared:
    who, case = person("light_agent"), ticket()
    where = at("desk:contact_note", case.requester.public_id)
    return Sending(browser(who), where, {"text": "Calls at night."}, actor=who.actor)


@act("POST desk:contact_note_remove", "tickets.CustomerNote")
def remove_a_note_about_a_customer() -> Prepared:
    who, case = person(), ticket()
    row = contacts.add_note(customer=case.requester, text="Calls at night.", by=who)
    where = at("desk:contact_note_remove", case.requester.public_id, row.public_id)
    return Sending(browser(who), where, actor=who.actor)


@act("POST desk:block", "tickets.BlockedSender")
def block_a_sender() -> Prepared:
    who = person("lead")
    data = {"sender": f"{new_public_id()}.example", "reason": "Floods us"}
    return Sending(browser(who), at("desk:block"), data, frozenset({"ticket"}), actor=who.actor)


@act("POST desk:block_lift", "tickets.BlockedSender")
def lift_a_block() -> Prepared:
    who = person("lead")
    row = contacts.block(sender=f"{new_public_id()}.example", reason="Floods us", by=who)
    return Sending(browser(who), at("desk:block_lift", row.public_id), actor=who.actor)


@act("POST desk:watch", "security.HoneyCustomer")
def watch_a_customer() -> Prepared:
    name = new_public_id()
    customer = portal_customer(f"acc-{name}", f"{name}@example.com")
    who = person("compliance")
    return Sending(
        browser(who), at("desk:watch"), {"customer": customer.public_id}, frozenset({"end"}), actor=who.actor
    )


def held_back() -> InboundMail:
    row = stored()
    InboundMail.objects.filter(pk=row.pk).update(state="quarantined", reason="sign_in_mail")
    return row


@act("POST desk:quarantine_retry", "tickets.InboundMail")
def let_a_mail_through() -> Prepared:
    who = person("lead")
    return Sending(browser(who), at("desk:quarantine_retry", held_back().public_id), actor=who.actor)


@act("POST desk:quarantine_ignore", "tickets.InboundMail")
def set_a_mail_aside() -> Prepared:
    who = person("lead")
    return Sending(browser(who), at("desk:quarantine_ignore", held_back().public_id), actor=who.actor)


@act("POST desk:alarm_acknowledge", "tickets.Alarm")
def take_an_alarm() -> Prepared:
    who = person("admin")
    alarm = Alarm.objects.create(kind="worker-silent", about=str(who.pk), opened_at=DatabaseNow())
    return Sending(browser(who), at("desk:alarm_acknowledge", alarm.public_id), actor=who.actor)


# A review needs a passkey's answer to the verifier: test_review_pages.py goes through these doors with one.
REVIEW = "rows of the rule, which only SQL writes, after a passkey's answer: test_review_pages.py"


def look_at_reviews() -> Prepared:
    """Look at what one was drawn for, which changes nothing."""
    who = person()
    return lambda: manual_reviews.of_person(who)


@act("POST desk:review_new", why=REVIEW)
def start_a_review() -> Prepared:
    return look_at_reviews()


@act("POST desk:review", why=REVIEW)
def decide_a_review() -> Prepared:
    return look_at_reviews()


@act("POST desk:review_draw", why=REVIEW)
def draw_a_reviewer() -> Prepared:
    return look_at_reviews()
