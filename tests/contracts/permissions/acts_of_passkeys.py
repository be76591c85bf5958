"""Acts of staff with their passkeys; the verifier that compares them serves the module's database."""

from typing import Any

from django.test import Client

from accounts.models import Staff
from security.models import StaffFactor
from security.verifier_client import ask
from tests.contracts.permissions.acts import Prepared, Sending, act, at, browser, half_way_in, person
from tests.contracts.permissions.acts_behind import chosen
from tests.factories.security import code_of
from tests.support.authenticator import Authenticator
from tests.support.verifier import SITE

PROVEN = ("sessions.Session", "security.StaffSession")


def with_passkey() -> tuple[Staff, Authenticator]:
    """Return somebody new and their passkey."""
    who, key = person(), Authenticator(SITE)
    begun = ask("staff.passkey.begin", staff=who.pk, name=who.email)
    ask("staff.passkey.finish", ceremony=begun["ceremony"], response=key.create(begun["options"]), label="Key")
    return who, key


def options(client: Client, name: str) -> dict[str, Any]:
    """Begin a ceremony as the page's script does."""
    found: dict[str, Any] = client.post(at(name)).json()["options"]
    return found


def prove(client: Client, key: Authenticator) -> None:
    """Prove oneself with this passkey: that holds for five minutes, or one new passkey."""
    response = key.get(options(client, "security:passkey_prove_options"))
    client.post(at("security:passkey_prove"), {"response": response})


def proven() -> tuple[Staff, Authenticator, Client]:
    """Return somebody who has just proven themselves, their passkey, and their browser."""
    who, key = with_passkey()
    client = browser(who)
    prove(client, key)
    return who, key, client


@act("POST security:passkey_options", "sessions.Session")
def begin_signing_in() -> Prepared:
    who, _key = with_passkey()
    return Sending(half_way_in(who), at("security:passkey_options"))


@act("POST security:passkey", "sessions.Session", "security.StaffSession", "accounts.Staff")
def sign_in_with_a_passkey() -> Prepared:
    who, key = with_passkey()
    client = half_way_in(who)
    response = key.get(options(client, "security:passkey_options"))
    return Sending(client, at("security:passkey"), {"response": response}, frozenset({"code"}), actor=who.actor)


@act("POST security:passkey_prove_options", "sessions.Session")
def begin_proving() -> Prepared:
    who, _key = with_passkey()
    return Sending(browser(who), at("security:passkey_prove_options"))


@act("POST security:passkey_prove", *PROVEN)
def prove_with_a_passkey() -> Prepared:
    who, key = with_passkey()
    client = browser(who)
    response = key.get(options(client, "security:passkey_prove_options"))
    return Sending(client, at("security:passkey_prove"), {"response": response}, frozenset({"code"}), actor=who.actor)


@act("POST security:passkey_prove", "security.TotpDevice", *PROVEN)
def prove_with_a_code() -> Prepared:
    who = person()
    data = {"code": code_of(who)}
    return Sending(browser(who), at("security:passkey_prove"), data, frozenset({"response"}), actor=who.actor)


@act("POST security:passkey_add_options", "sessions.Session")
def begin_a_passkey() -> Prepared:
    _who, _key, client = proven()
    return Sending(client, at("security:passkey_add_options"))


@act("POST security:passkey_add", "sessions.Session", "core.Notice")
def add_a_passkey() -> Prepared:
    who, _key, client = proven()
    response = Authenticator(SITE).create(options(client, "security:passkey_add_options"))
    return Sending(client, at("security:passkey_add"), {"response": response}, frozenset({"label"}), actor=who.actor)


@act("POST security:passkey_end", "security.StaffSession", "core.Notice")
def end_a_passkey() -> Prepared:
    who, key, client = proven()
    browser(who)
    response = Authenticator(SITE).create(options(client, "security:passkey_add_options"))
    client.post(at("security:passkey_add"), {"response": response, "label": "Second"})
    second = StaffFactor.objects.filter(staff=who).latest("pk")
    prove(client, key)
    return Sending(client, at("security:passkey_end", second.public_id), actor=who.actor)


@act("admin end_passkeys accounts.Staff", "accounts.Staff", "core.Notice")
def end_somebodys_passkeys() -> Prepared:
    who, _key = with_passkey()
    return chosen("accounts_staff", "end_passkeys", who.pk)
