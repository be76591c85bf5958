"""One act, at least, for every door that changes rows: what is sent, which fields the door lists, which rows it changes.

The doors come from the matrix: an act that is missing fails test_acts_are_accounted.py, so a new door brings its own.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse

from accounts.models import Staff
from core.audit import SYSTEM, Actor
from security.services import api_tokens
from tests.cast import half_way, open_session
from tests.factories.accounts import StaffFactory
from tests.factories.security import TotpDeviceFactory
from tests.factories.tickets import MailboxFactory, mail_ticket
from tests.support.letters import letter
from tickets.models import InboundMail, Ticket
from tickets.services import raw_mail

FIRST, ANSWER = 1, 2


@dataclass
class Sending:
    """One request, ready to go; `takes` are the fields that this door lists, beside those in `data`."""

    client: Client
    path: str
    data: dict[str, Any] | bytes = field(default_factory=dict)
    takes: frozenset[str] = frozenset()
    kind: str = "form"
    actor: Actor | None = None
    # Refuses the whole body for a field that it does not list: there is nothing to stuff.
    is_closed: bool = False

    def __call__(self, more: Mapping[str, Any] | None = None) -> HttpResponseBase:
        """Send it, with fields nobody listed beside the right ones."""
        if isinstance(self.data, bytes):
            return self.client.generic("POST", self.path, self.data, content_type="message/rfc822")
        listed = self.data.keys() | self.takes
        body = {**{name: value for name, value in (more or {}).items() if name not in listed}, **self.data}
        if self.kind == "json":
            if self.is_closed:
                body = self.data
            return self.client.generic("POST", self.path, json.dumps(body).encode(), content_type="application/json")
        plain = {name: value for name, value in body.items() if not isinstance(value, dict)}
        return self.client.post(self.path, plain)


Prepared = Sending | Callable[[], object]


@dataclass(frozen=True)
class Act:
    """`make` sets the scene and returns what is to be done; `changes` are the models whose rows then change."""

    door: str
    make: Callable[[], Prepared]
    changes: frozenset[str]
    why: str = ""


ACTS: list[Act] = []


def act(door: str, *changes: str, why: str = "") -> Callable[[Callable[[], Prepared]], Callable[[], Prepared]]:
    """Register the function below as an act of this door."""

    def register(make: Callable[[], Prepared]) -> Callable[[], Prepared]:
        ACTS.append(Act(door, make, frozenset(changes), why))
        return make

    return register


def person(role: str = "agent", **more: Any) -> Staff:
    """Return somebody new, with a password and an authenticator."""
    made: Staff = StaffFactory.create(role=role, **more)
    TotpDeviceFactory.create(staff=made)
    return made


def browser(who: Staff) -> Client:
    """Return a browser in which this person is signed in."""
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = open_session(who)[0]
    return client


def half_way_in(who: Staff) -> Client:
    """Return a browser in which the password is proven and the code is not."""
    return half_way(Client(), who)


def program(who: Staff, *scopes: str) -> Client:
    """Return a program with a token of this person."""
    _token, secret = api_tokens.issue(person=who, name="act", scopes=scopes, actor=SYSTEM)
    return Client(headers={"authorization": f"Bearer {secret}"})


def at(name: str, *arguments: Any) -> str:
    """Return the address of a route."""
    return reverse(name, args=arguments)


def ticket(**more: Any) -> Ticket:
    """Return a case with one message."""
    return mail_ticket(**more)


def stored() -> InboundMail:
    """Return a mail that waits to be taken in; a real one, since any act that takes mail in may take this one."""
    box = MailboxFactory.create()
    row, _is_new = raw_mail.store(
        mailbox=box, raw=letter(), source="smtp", envelope_from="mina@example.com", envelope_to=box.address,
        peer_is_trusted=True,
    )  # fmt: skip
    return row


def run(command: str, *words: str) -> Callable[[], object]:
    """Return a management command, ready to run."""
    return lambda: call_command(command, *words, verbosity=0)
