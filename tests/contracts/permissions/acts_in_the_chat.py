"""Acts of visitors in the chat, and what the desk does there beside its timeline."""

from functools import partial
from typing import Any

from django.conf import settings
from django.test import Client

from accounts.models import Staff
from core.audit import ANONYMOUS
from core.ids import new_public_id
from livechat import inbound_tasks
from livechat.models import BotTurn, Chat, Offer, Presence, Visitor, VisitorUpload, VisitorUploadPart
from livechat.services import page_visits, presence, routing, uploads
from tests.contracts.permissions.acts import Prepared, Sending, act, at, browser, person
from tests.contracts.permissions.acts_at_the_portal import somebody as customer
from tests.factories.customers import open_portal
from tests.factories.livechat import ORIGIN, ChatInboxFactory, form_of, said, sent, started
from tests.factories.tickets import MailboxFactory, TopicFactory


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
    """Return a person at whose desk a chat rings, and the ring."""
    who = there()
    somebody()
    routing.route()
    return who, Offer.objects.open().get(staff=who)


def in_hand() -> tuple[Staff, Chat]:
    """Return a person with a chat in hand."""
    who, offer = rung()
    return who, routing.accept(offer=offer.public_id, by=who)


@act("POST chat:presence", "livechat.Presence")
def say_to_be_there() -> Prepared:
    who = person()
    return Sending(browser(who), at("chat:presence"), {"state": "online"}, actor=who.actor)


@act("POST chat:active", "livechat.Presence")
def touch_the_keyboard() -> Prepared:
    who = there()
    Presence.objects.filter(staff=who).update(active_at=who.created_at - page_visits.LIFE)
    return Sending(browser(who), at("chat:active"), actor=who.actor)


@act("POST chat:accept", "livechat.Offer", "livechat.Chat", "livechat.Presence", "tickets.Ticket", "tickets.Message")
def take_a_chat() -> Prepared:
    who, offer = rung()
    return Sending(browser(who), at("chat:accept", offer.public_id), actor=who.actor)


@act("POST chat:decline", "livechat.Offer", "livechat.Presence")
def decline_a_chat() -> Prepared:
    who, offer = rung()
    return Sending(browser(who), at("chat:decline", offer.public_id), actor=who.actor)


@act("POST chat:force_presence", "livechat.Presence")
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


@act("POST chat:wrap_up", "livechat.Chat", "livechat.Presence", "tickets.Ticket", "tickets.Message")
def wrap_a_chat_up() -> Prepared:
    who, chat = in_hand()
    data = {"topic": TopicFactory.create().slug, "then": "resolved"}
    return Sending(browser(who), at("chat:wrap_up", chat.ticket.public_id), data, actor=who.actor)


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
