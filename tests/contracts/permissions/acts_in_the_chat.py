"""Acts of visitors in the chat, and what the desk does there beside its timeline."""

from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.test import Client

from accounts.models import Presence, Staff
from core.audit import ANONYMOUS
from core.clock import DatabaseNow
from core.ids import new_public_id
from core.models import Notice
from livechat import inbound_tasks
from livechat.models import (
    BotTurn,
    Chat,
    ChatAddress,
    ChatInbox,
    Offer,
    ProactiveMessage,
    ProactiveShow,
    Push,
    Visitor,
    VisitorUpload,
    VisitorUploadPart,
)
from livechat.services import abuse, chat_addresses, page_visits, presence, routing, uploads
from tests.contracts.permissions.acts import Prepared, Sending, act, at, browser, person
from tests.contracts.permissions.acts_at_the_portal import somebody as customer
from tests.factories.customers import open_portal
from tests.factories.livechat import ORIGIN, ChatInboxFactory, form_of, resolved, said, sent, started
from tests.factories.tickets import MailboxFactory, TopicFactory
from tickets import chat_links, survey_links
from tickets.models import Mailbox, Message, Survey
from tickets.services import correspondence, replies
from tickets.services.senders import Sender


def frame(token: str = "") -> Client:
    """Return a browser with the chat's frame."""
    known = {"authorization": f"Bearer {token}", "x-chat-origin": ORIGIN} if token else {}
    return Client(headers={"origin": settings.SITE_URL, **known})


def somebody() -> tuple[Visitor, str]:
    """Return a visitor who has said something, and their token."""
    visitor, token = started(ChatInboxFactory.create())
    said(visitor)
    visitor.refresh_from_db()
    return visitor, token


def sending(name: str, who: Visitor, token: str, data: dict[str, Any]) -> Sending:
    actor = who.customer.actor if who.customer else None
    return Sending(frame(token), at(f"chat:{name}", "site"), data, kind="json", actor=actor, is_closed=True)


@act("POST chat:start", "livechat.Visitor")
def start_a_visitor() -> Prepared:
    ChatInboxFactory.create()
    data = {"origin": ORIGIN, "language": "en"}
    return Sending(frame(), at("chat:start", "site"), data, kind="json", actor=ANONYMOUS, is_closed=True)


@act("POST chat:say", "livechat.Chat", "livechat.Mark", "tickets.Ticket", "tickets.Message", "accounts.Customer")
def say_the_first_thing() -> Prepared:
    visitor, token = started(ChatInboxFactory.create())
    return sending("say", visitor, token, {"client_id": new_public_id(), "text": "Where is my deposit?"})


@act("POST chat:say", "tickets.Ticket", "tickets.Message")
def say_something_more() -> Prepared:
    visitor, token = somebody()
    return sending("say", visitor, token, {"client_id": new_public_id(), "text": "Any news?"})


@act("POST chat:saw", "livechat.Mark")
def read_in_the_chat() -> Prepared:
    visitor, token = somebody()
    return sending("saw", visitor, token, {"chat": visitor.chats.get().public_id, "delivered": 1, "read": 1})


@act("POST chat:end", "livechat.Chat", "tickets.Message")
def end_the_chat() -> Prepared:
    visitor, token = somebody()
    return sending("end", visitor, token, {"chat": visitor.chats.get().public_id})


@act("POST chat:say", "livechat.VisitorUpload", "livechat.VisitorUploadPart", "tickets.Attachment", "tickets.Message")
def say_something_with_a_file() -> Prepared:
    visitor, token = somebody()
    sent(visitor, "act-file", b"proof")
    return sending("say", visitor, token, {"client_id": new_public_id(), "text": "Here", "files": ["act-file"]})


@act("POST chat:form", why="says what is wrong with the answers, keeps nothing")
def check_a_form() -> Prepared:
    visitor, token = somebody()
    form, _question = form_of(visitor.inbox)
    return sending("form", visitor, token, {"topic": form.topic.slug, "answers": {}, "text": "Where is it?"})


@act("POST chat:leave", "tickets.Ticket", "tickets.Message")
def leave_a_question() -> Prepared:
    visitor, token = somebody()
    MailboxFactory.create()
    data = {"client_id": new_public_id(), "text": "Where is it?", "address": "somebody@example.com"}
    return sending("leave", visitor, token, data)


@act("POST chat:correct", "tickets.Message", "tickets.Ticket")
def correct_what_was_said() -> Prepared:
    visitor, token = somebody()
    return sending("correct", visitor, token, {"chat": visitor.chats.get().public_id, "seq": 1, "text": "I meant BTC."})


@act("POST chat:take_back", "tickets.Message", "tickets.Ticket")
def take_back_what_was_said() -> Prepared:
    visitor, token = somebody()
    return sending("take_back", visitor, token, {"chat": visitor.chats.get().public_id, "seq": 1})


@act("POST chat:proactive", "livechat.ProactiveShow")
def be_shown_a_message() -> Prepared:
    visitor, token = started(ChatInboxFactory.create())
    ProactiveMessage.objects.create(inbox=visitor.inbox, name="Deposits", text="Waiting?", paths=["/*"])
    return sending("proactive", visitor, token, {"path": "/deposit", "stayed_s": 60})


@act("POST chat:proactive_answer", "livechat.ProactiveShow")
def dismiss_a_message() -> Prepared:
    visitor, token = started(ChatInboxFactory.create())
    message = ProactiveMessage.objects.create(inbox=visitor.inbox, name="Deposits", text="Waiting?", paths=["/*"])
    show = ProactiveShow.objects.create(message=message, visitor=visitor, text="Waiting?")
    return sending("proactive_answer", visitor, token, {"show": show.public_id, "answer": "dismissed"})


def asked() -> tuple[Visitor, str, dict[str, str]]:
    """Return a visitor who is asked how they were helped, their token, and what they are asked about."""
    visitor, token = somebody()
    survey = resolved(visitor.chats.get().ticket, person())
    return visitor, token, {"chat": visitor.chats.get().public_id, "survey": survey.public_id}


@act("POST chat:rate", "tickets.SurveyAnswer", "tickets.Ticket", "tickets.Message")
def rate_in_the_chat() -> Prepared:
    visitor, token, about = asked()
    return sending("rate", visitor, token, {**about, "rating": 4, "comment": "Quick."})


@act("POST chat:skip_rating", "tickets.Survey")
def rather_not_rate() -> Prepared:
    visitor, token, about = asked()
    return sending("skip_rating", visitor, token, about)


@act("POST portal:survey_by_link", "tickets.SurveyAnswer", "tickets.Ticket", "tickets.Message")
def rate_by_a_link() -> Prepared:
    _visitor, _token, about = asked()
    survey = Survey.objects.get(public_id=about["survey"])
    data = {"rating": "5", "comment": "Quick."}
    return Sending(Client(), survey_links.path_for(survey), data, actor=survey.customer.actor)


@act("POST chat:files", "livechat.VisitorUpload")
def announce_a_file() -> Prepared:
    visitor, token = somebody()
    return sending("files", visitor, token, {"client_id": new_public_id(), "name": "proof.txt", "size": 5})


@act("POST chat:file_part", "livechat.VisitorUpload", "livechat.VisitorUploadPart")
def send_a_piece_of_a_file() -> Prepared:
    visitor, token = somebody()
    uploads.begin(visitor=visitor, client_id="act-file", name="proof.txt", size=5)
    path = at("chat:file_part", "site", "act-file") + "?start=0"
    client = frame(token)
    return lambda: client.generic("POST", path, b"proof", content_type="application/octet-stream")


@act("POST chat:file_remove", "livechat.VisitorUpload", "livechat.VisitorUploadPart")
def take_a_file_back() -> Prepared:
    visitor, token = somebody()
    sent(visitor, "act-file", b"proof")
    actor = visitor.customer.actor if visitor.customer else None
    return Sending(frame(token), at("chat:file_remove", "site", "act-file"), kind="json", actor=actor, is_closed=True)


@act("POST chat:desk_seen", "livechat.Mark")
def read_at_the_desk() -> Prepared:
    who, (visitor, _token) = person(), somebody()
    path = at("chat:desk_seen", visitor.chats.get().ticket.public_id)
    return Sending(browser(who), path, {"delivered": "1", "read": "1"}, actor=who.actor)


@act("POST chat:desk_typing", why="tells the visitor, keeps nothing")
def write_at_the_desk() -> Prepared:
    who, (visitor, _token) = person(), somebody()
    return Sending(browser(who), at("chat:desk_typing", visitor.chats.get().ticket.public_id), actor=who.actor)


@act("POST chat:sign_out", "livechat.Visitor")
def sign_out_of_the_chat() -> Prepared:
    visitor, token = somebody()
    return sending("sign_out", visitor, token, {})


@act("POST chat:trust_freeze", "security.FreezeOrder", "core.Notice")
def freeze_from_the_chat() -> Prepared:
    visitor, token = started(ChatInboxFactory.create(), session=open_portal(Client(), customer()))
    return sending("trust_freeze", visitor, token, {})


def with_address() -> tuple[Visitor, str, ChatAddress, str]:
    """Return a visitor who gave an address, their token, the address, and the token of the mail."""
    visitor, token = somebody()
    MailboxFactory.create()
    chat_addresses.ask(visitor=visitor, address=f"{new_public_id()}@example.com")
    row = ChatAddress.objects.get(visitor=visitor)
    body = Notice.objects.filter(to_address=row.address).get().body or ""
    return visitor, token, row, body.partition("/chat/mail/")[2].partition("/")[0]


def with_mail() -> tuple[Visitor, Message]:
    """Return a visitor who has left, and the event of the mail that followed them."""
    visitor, _token, row, link = with_address()
    chat_addresses.confirm(token=link, number=row.number)
    ticket, mailbox = visitor.chats.get().ticket, Mailbox.objects.earliest("pk")
    with transaction.atomic():
        owed = correspondence.continue_by_mail(ticket=ticket, mailbox=mailbox, address=row.address, after=0, upto=1)
    return visitor, owed


@act("POST chat:by_mail_ask", "livechat.ChatAddress", "core.Notice")
def give_an_address() -> Prepared:
    visitor, token = somebody()
    MailboxFactory.create()
    return sending("by_mail_ask", visitor, token, {"address": f"{new_public_id()}@example.com"})


@act("POST chat:by_mail_stop", "livechat.ChatAddress")
def want_no_more_mail() -> Prepared:
    visitor, token, _row, _link = with_address()
    return sending("by_mail_stop", visitor, token, {})


@act("POST chat:by_mail_transcript", "tickets.Message", "tickets.Ticket", "tickets.OutboundMail", "tickets.MailRoute")
def ask_for_the_transcript() -> Prepared:
    visitor, token, row, link = with_address()
    chat_addresses.confirm(token=link, number=row.number)
    return sending("by_mail_transcript", visitor, token, {})


@act("POST chat:transcript", "tickets.Message", "tickets.Ticket", "tickets.OutboundMail", "tickets.MailRoute")
def send_the_transcript() -> Prepared:
    who, (visitor, _token, row, link) = person(), with_address()
    chat_addresses.confirm(token=link, number=row.number)
    return Sending(browser(who), at("chat:transcript", visitor.chats.get().ticket.public_id), actor=who.actor)


@act("POST chat:confirm_mail", "livechat.ChatAddress")
def confirm_an_address() -> Prepared:
    visitor, _token, row, link = with_address()
    actor = visitor.customer.actor if visitor.customer else None
    return Sending(Client(), at("chat:confirm_mail", link), {"number": row.number}, actor=actor)


@act("POST chat:come_back", "livechat.VisitorKey")
def come_back_by_a_link() -> Prepared:
    visitor, owed = with_mail()
    link = chat_links.address_for(owed, owed.ticket).partition("#")[2]
    actor = visitor.customer.actor if visitor.customer else None
    return Sending(frame(), at("chat:come_back"), {"link": link}, kind="json", actor=actor, is_closed=True)


@act(
    "task livechat.mail_unread",
    "livechat.Chat",
    "tickets.Message",
    "tickets.Ticket",
    "tickets.OutboundMail",
    "tickets.MailRoute",
)
def mail_what_is_unread() -> Prepared:
    visitor, _token, row, link = with_address()
    chat_addresses.confirm(token=link, number=row.number)
    words = replies.Words(text="Here it is.")
    chat = visitor.chats.get()
    replies.add(ticket=chat.ticket, sender=Sender.of_staff(person()), channel="chat", words=words)
    long_ago = "2026-01-01T00:00:00Z"
    Visitor.objects.filter(pk=visitor.pk).update(here_at=long_ago)
    Chat.objects.filter(pk=chat.pk).update(mail_owed_since=long_ago)
    return partial(inbound_tasks.mail_unread)


def proven_chat() -> Chat:
    """Return the conversation of a proven visitor, whose inbox wants notifications."""
    inbox = ChatInboxFactory.create()
    ChatInbox.objects.filter(pk=inbox.pk).update(pushes_unread=True)
    visitor, _token = started(inbox, session=open_portal(Client(), customer()))
    chat = said(visitor).chat
    words = replies.Words(text="Here it is.")
    replies.add(ticket=chat.ticket, sender=Sender.of_staff(person()), channel="chat", words=words)
    return chat


@act("task livechat.deliver_push", "livechat.Push")
def tell_of_an_answer() -> Prepared:
    chat = proven_chat()
    Push.objects.filter(chat=chat).update(next_attempt_at="2026-01-01T00:00:00Z")
    return partial(inbound_tasks.deliver_push, Push.objects.get(chat=chat).pk)


@act("task livechat.sweep_pushes", why="rings for rows")
def ring_for_pushes() -> Prepared:
    return partial(inbound_tasks.sweep_pushes)


@act("POST chat:pages", "livechat.PageVisit")
def tell_of_a_page() -> Prepared:
    visitor, token = somebody()
    return sending("pages", visitor, token, {"pages": [{"path": "/deposit", "ago_s": 3}]})


def there() -> Staff:
    """Return a person who is online for chats."""
    who: Staff = person()
    Presence.objects.update(state="offline")
    presence.say(person=who, state="online")
    return who


def rung() -> tuple[Staff, Offer]:
    """Return a person at whose desk a chat rings, and the ring; chats that other acts have left wait no more."""
    who = there()
    Chat.objects.filter(ended_at__isnull=True).update(ended_at=DatabaseNow())
    somebody()
    routing.route()
    return who, Offer.objects.open().get(staff=who)


def in_hand() -> tuple[Staff, Chat]:
    """Return a person with a chat in hand."""
    who, offer = rung()
    return who, routing.accept(offer=offer.public_id, by=who)


@act("POST chat:presence", "accounts.Presence")
def say_to_be_there() -> Prepared:
    who = person()
    return Sending(browser(who), at("chat:presence"), {"state": "online"}, actor=who.actor)


@act("POST chat:active", "accounts.Presence")
def touch_the_keyboard() -> Prepared:
    who = there()
    Presence.objects.filter(staff=who).update(active_at=who.created_at - page_visits.LIFE)
    return Sending(browser(who), at("chat:active"), actor=who.actor)


@act("POST chat:accept", "livechat.Offer", "livechat.Chat", "accounts.Presence", "tickets.Ticket", "tickets.Message")
def take_a_chat() -> Prepared:
    who, offer = rung()
    return Sending(browser(who), at("chat:accept", offer.public_id), actor=who.actor)


@act("POST chat:decline", "livechat.Offer", "accounts.Presence")
def decline_a_chat() -> Prepared:
    who, offer = rung()
    return Sending(browser(who), at("chat:decline", offer.public_id), actor=who.actor)


@act("POST chat:force_presence", "accounts.Presence")
def set_a_colleague_away() -> Prepared:
    who, by = there(), person(role="lead")
    return Sending(browser(by), at("chat:force_presence", who.public_id), {"state": "away"}, actor=by.actor)


@act("POST chat:transfer", "tickets.Ticket", "tickets.Message")
def hand_a_chat_over() -> Prepared:
    who, chat = in_hand()
    to: Staff = person()
    presence.say(person=to, state="online")
    data = {"to": f"person:{to.public_id}", "summary": "Waits for a deposit; two hashes checked."}
    return Sending(browser(who), at("chat:transfer", chat.ticket.public_id), data, actor=who.actor)


@act("POST chat:take_over", "tickets.Ticket", "tickets.Message")
def take_a_chat_over() -> Prepared:
    (_who, chat), by = in_hand(), person(role="lead")
    return Sending(browser(by), at("chat:take_over", chat.ticket.public_id), actor=by.actor)


@act("POST chat:wrap_up", "livechat.Chat", "accounts.Presence", "tickets.Ticket", "tickets.Message", "tickets.Survey")
def wrap_a_chat_up() -> Prepared:
    who, chat = in_hand()
    data = {"topic": TopicFactory.create().slug, "then": "resolved"}
    return Sending(browser(who), at("chat:wrap_up", chat.ticket.public_id), data, actor=who.actor)


@act("POST chat:warn", "livechat.AbuseStep", "tickets.Ticket", "tickets.Message")
def warn_because_of_abuse() -> Prepared:
    who, chat = in_hand()
    return Sending(browser(who), at("chat:warn", chat.ticket.public_id), actor=who.actor)


@act("POST chat:end_for_abuse", "livechat.AbuseStep", "livechat.Chat", "tickets.Ticket", "tickets.Message")
def end_because_of_abuse() -> Prepared:
    who, chat = in_hand()
    abuse.warn(chat=chat, by=who)
    data = {"reason": "Threatened a colleague."}
    return Sending(browser(who), at("chat:end_for_abuse", chat.ticket.public_id), data, actor=who.actor)


@act("POST chat:lift_block", "livechat.AbuseStep", "tickets.Ticket", "tickets.Message")
def let_somebody_write_again() -> Prepared:
    (who, chat), by = in_hand(), person(role="lead")
    abuse.warn(chat=chat, by=who)
    abuse.end(chat=chat, by=who, reason="Threatened a colleague.")
    return Sending(browser(by), at("chat:lift_block", chat.ticket.public_id), actor=by.actor)


@act("task livechat.sweep_rings", "livechat.Offer")
def ring_for_a_chat() -> Prepared:
    there()
    somebody()
    return partial(inbound_tasks.sweep_rings)


@act("task livechat.answer_as_bot", "livechat.BotTurn", "tickets.Message", "tickets.Ticket")
def answer_as_a_bot() -> Prepared:
    inbox = ChatInboxFactory.create(slug="bots", bot="greeter")
    form_of(inbox)
    said(started(inbox)[0])
    return partial(inbound_tasks.answer_as_bot, BotTurn.objects.get(state="owed").pk)


@act("task livechat.tidy", "livechat.VisitorUpload", "livechat.VisitorUploadPart")
def tidy_up_files() -> Prepared:
    visitor, _token = somebody()
    upload = VisitorUpload.objects.create(
        visitor=visitor, client_id="act-old", name="a.txt", size=1, key="k", created_at="2026-01-01T00:00:00Z"
    )
    VisitorUploadPart.objects.create(upload=upload, start=0, content=b"x")
    return partial(inbound_tasks.tidy)


@act("task livechat.tidy", "livechat.Visitor", "livechat.PageVisit")
def tidy_up_who_never_spoke() -> Prepared:
    visitor, _token = started(ChatInboxFactory.create())
    page_visits.note(visitor=visitor, pages=[page_visits.Seen("/", 0)])
    Visitor.objects.filter(pk=visitor.pk).update(seen_at="2026-01-01T00:00:00Z")
    return partial(inbound_tasks.tidy)
