"""Acts of social channels: a vendor's events, what becomes of them, and what administrators do with an account."""

import json
from collections.abc import Callable
from typing import Any

from django.test import Client, override_settings

from core.ids import new_public_id
from tests.contracts.permissions.acts import Prepared, Sending, act, at, browser, person
from tests.contracts.permissions.acts_behind import chosen, form
from tests.factories.accounts import TeamFactory
from tests.support import small_meta
from tests.support.small_telegram import TOKEN, SmallTelegram, running
from tickets import inbound_tasks, outbound_tasks
from tickets.models import SocialAccount, SocialEvent, SocialPost, SocialRoute, SocialTemplate, Ticket
from tickets.services import replies, social_intake, social_raw
from tickets.services.senders import Sender

SECRET = "a-secret"
ACCOUNT = "tickets.SocialAccount"
# Fields of the form that may be left out.
LISTED = (
    "brand",
    "brand_id",
    "team",
    "team_id",
    "webhook_secret",
    "app_key",
    "app_secret",
    "token_secret",
    "external_id",
    "official_role",
)


def account() -> SocialAccount:
    return SocialAccount.objects.create(
        kind="telegram", name=f"Bot {new_public_id()}", token=TOKEN, webhook_secret=SECRET
    )


def told(text: str = "Hello") -> bytes:
    number = int.from_bytes(new_public_id().encode()[:5])
    who = {"id": number, "is_bot": False, "first_name": "Mina"}
    said = {"message_id": 1, "date": 1, "chat": {"id": number, "type": "private"}, "from": who, "text": text}
    return json.dumps({"update_id": number, "message": said}).encode()


def stored(raw: bytes) -> SocialEvent:
    social_raw.store(account=account(), raw=raw)
    return SocialEvent.objects.latest("pk")


def with_telegram(send: Callable[[], object]) -> Callable[[], object]:
    """Do it while a small Bot API runs, which the settings name."""

    def act_there() -> object:
        with running(SmallTelegram()) as found, override_settings(TELEGRAM_API_URL=found.url):
            return send()

    return act_there


@act("POST hook", "tickets.SocialEvent")
def tell_of_a_message() -> Prepared:
    headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
    path = at("hook", "telegram", account().public_id)
    return lambda: Client(headers=headers).generic("POST", path, told(), content_type="application/json")


@act(
    "task tickets.social_ingest",
    "tickets.SocialEvent",
    "tickets.SocialChat",
    "tickets.SocialThread",
    "tickets.SocialItem",
    "tickets.Ticket",
    "tickets.Message",
    "accounts.Customer",
    "accounts.CustomerAddress",
)
def take_a_message_in() -> Prepared:
    row = stored(told())
    return lambda: inbound_tasks.social_ingest(row.pk)


def owed() -> SocialPost:
    row = stored(told())
    social_intake.accept(event_pk=row.pk)
    row.refresh_from_db()
    assert row.message is not None
    said = replies.add(
        ticket=row.message.ticket, sender=Sender.of_staff(person()), channel="social", words=replies.Words(text="Hi")
    )
    SocialPost.objects.filter(message=said).update(next_attempt_at="2026-01-01T00:00:00Z")
    return SocialPost.objects.get(message=said)


@act("task tickets.deliver_post", "tickets.SocialPost", "tickets.SentFingerprint")
def send_a_message() -> Prepared:
    row = owed()

    def send_and_tell() -> None:
        outbound_tasks.deliver_post(row.pk)
        inbound_tasks.post_settled(row.pk)

    return with_telegram(send_and_tell)


@act("task tickets.post_settled", "tickets.SocialPost", "tickets.Message", "tickets.Ticket")
def tell_of_a_failure() -> Prepared:
    row = owed()
    SocialPost.objects.filter(pk=row.pk).update(state="failed", last_error="blocked")
    return lambda: inbound_tasks.post_settled(row.pk)


GIVEN: dict[str, Any] = {
    "kind": "telegram", "name": "Support", "language": "en", "inbound": "webhook", "token": TOKEN, "is_active": "on",
}  # fmt: skip


@act("admin add tickets.SocialAccount", ACCOUNT)
def connect() -> Prepared:
    return form("tickets_socialaccount", GIVEN, listed=LISTED)


@act("admin change tickets.SocialAccount", ACCOUNT)
def rename() -> Prepared:
    return form("tickets_socialaccount", {**GIVEN, "name": "Other", "token": ""}, account().pk, LISTED)


@act("admin test_connection tickets.SocialAccount", ACCOUNT)
def try_the_connection() -> Prepared:
    return with_telegram(chosen("tickets_socialaccount", "test_connection", account().pk))


@act("admin set_webhook tickets.SocialAccount", ACCOUNT)
def have_events_sent() -> Prepared:
    row = account()
    SocialAccount.objects.filter(pk=row.pk).update(inbound="polling")
    return with_telegram(chosen("tickets_socialaccount", "set_webhook", row.pk))


@act("admin delete_webhook tickets.SocialAccount", ACCOUNT)
def have_events_kept() -> Prepared:
    return with_telegram(chosen("tickets_socialaccount", "delete_webhook", account().pk))


@act("admin try_again tickets.SocialEvent", "tickets.SocialEvent")
def read_again() -> Prepared:
    row = stored(b"{}")
    social_intake.accept(event_pk=row.pk)
    return chosen("tickets_socialevent", "try_again", row.pk)


@act("admin set_aside tickets.SocialEvent", "tickets.SocialEvent")
def set_aside() -> Prepared:
    row = stored(b"{}")
    social_intake.accept(event_pk=row.pk)
    return chosen("tickets_socialevent", "set_aside", row.pk)


def approved(of: SocialAccount) -> SocialTemplate:
    return SocialTemplate.objects.create(account=of, name=f"t_{new_public_id()}", body="We answer {{1}}.")


def whatsapp() -> SocialAccount:
    return SocialAccount.objects.create(
        kind="whatsapp", name=f"Number {new_public_id()}", token=small_meta.TOKEN, external_id="106540352242922"
    )


@act("POST desk:template", "tickets.Ticket", "tickets.Message", "tickets.SocialPost")
def send_an_approved_text() -> Prepared:
    of, who = whatsapp(), person()
    said = {"from": new_public_id(), "id": new_public_id(), "timestamp": "1", "type": "text", "text": {"body": "Hello"}}
    value = {"messaging_product": "whatsapp", "messages": [said]}
    entry = [{"id": "1", "changes": [{"field": "messages", "value": value}]}]
    social_raw.store(account=of, raw=json.dumps({"object": "whatsapp_business_account", "entry": entry}).encode())
    social_intake.accept(event_pk=SocialEvent.objects.latest("pk").pk)
    case = Ticket.objects.get(social_thread__chat__account=of)
    given = {"template": str(approved(of).pk), "value": "tomorrow"}
    return Sending(browser(who), at("desk:template", case.public_id), given, frozenset({"client_key"}), actor=who.actor)


TEMPLATE = "tickets.SocialTemplate"


@act("admin add tickets.SocialTemplate", TEMPLATE)
def add_an_approved_text() -> Prepared:
    given = {"account": str(whatsapp().pk), "name": "late_answer", "language": "en", "body": "We answer {{1}}."}
    return form("tickets_socialtemplate", given | {"is_active": "on"}, listed=("account_id",))


@act("admin change tickets.SocialTemplate", TEMPLATE)
def change_an_approved_text() -> Prepared:
    row = approved(whatsapp())
    given = {"name": row.name, "language": "en", "body": "We answer.", "is_active": "on"}
    return form("tickets_socialtemplate", given, row.pk)


ROUTE = "tickets.SocialRoute"


def bot() -> SocialAccount:
    return SocialAccount.objects.create(kind="discord", name=f"Bot {new_public_id()}", token=TOKEN)


@act("admin add tickets.SocialRoute", ROUTE)
def give_a_channel_to_a_team() -> Prepared:
    given = {"account": str(bot().pk), "channel_id": "6000", "team": str(TeamFactory.create().pk), "is_active": "on"}
    return form("tickets_socialroute", given, listed=("account_id", "team_id", "is_watched_forum"))


@act("admin change tickets.SocialRoute", ROUTE)
def give_it_to_another() -> Prepared:
    row = SocialRoute.objects.create(account=bot(), channel_id="6000", team=TeamFactory.create())
    given = {"team": str(TeamFactory.create().pk), "is_watched_forum": "on", "is_active": "on"}
    return form("tickets_socialroute", given, row.pk, ("team_id",))


@act("POST demo:discord_say", "tickets.SocialEvent")
def write_as_the_demos_customer() -> Prepared:
    bot()
    client = browser(person())
    return lambda: client.post(at("demo:discord_say"), {"text": "Hello", "way": "direct"})
