"""People with passkeys, and what they do with them."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import Staff
from security.verifier_client import ask
from tests.support.authenticator import Authenticator
from tests.support.verifier import SITE

BOUND_TO = "ab" * 32
Enrol = Callable[..., Authenticator]


@pytest.fixture
def enrol(verifier: object) -> Enrol:
    """Give a member of staff a passkey."""

    def give(person: Staff, **given: Any) -> Authenticator:
        authenticator = Authenticator(SITE)
        begun = ask("staff.passkey.begin", staff=person.pk, name=person.email)
        response = authenticator.create(begun["options"])
        ask("staff.passkey.finish", ceremony=begun["ceremony"], response=response, label="Key", **given)
        return authenticator

    return give


def begin(person: Staff, **changed: Any) -> dict[str, Any]:
    """Begin a step-up for asking."""
    given = {"staff": person.pk, "purpose": "action.request", "bound_to": BOUND_TO, "method": "webauthn"} | changed
    return ask("step_up.begin", **given)
