"""A review as the rule makes one: asked for with a step-up, two reviewers drawn."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from accounts.models import Customer, Staff, Team
from security.models import FundAction, ManualReview
from security.services import fund_actions, manual_reviews
from security.services.fund_actions import Asked
from security.verifier_client import ask
from tests.factories.accounts import StaffFactory
from tests.factories.customers import portal_customer
from tests.factories.security import certify
from tests.support.authenticator import Authenticator
from tests.support.verifier import SITE


class People:
    """Staff with passkeys: an agent, and five who may be drawn, each of a team of their own."""

    def __init__(self) -> None:
        self.keys: dict[int, Authenticator] = {}
        self.agent = self._join("agent", "front")
        self.seniors = [
            self._join(role, f"team {role}{place}") for place in range(3) for role in ("lead", "compliance")
        ]

    def _join(self, role: str, team: str) -> Staff:
        person: Staff = StaffFactory.create(role=role)
        certify(person)
        Team.objects.get_or_create(slug=team.replace(" ", "-"), defaults={"name": team})[0].members.add(person)
        self.keys[person.pk] = Authenticator(SITE)
        begun = ask("staff.passkey.begin", staff=person.pk, name=person.email)
        response = self.keys[person.pk].create(begun["options"])
        ask("staff.passkey.finish", ceremony=begun["ceremony"], response=response, label="")
        return person

    def answer(self, person: Staff, options: Any) -> dict[str, str]:
        return {"response": self.keys[person.pk].get(dict(options))}


@pytest.fixture
def people(verifier: object) -> People:
    return People()


@pytest.fixture
def customer(clone_db: str) -> Customer:
    return portal_customer()


@pytest.fixture
def review(people: People, customer: Customer) -> ManualReview:
    asked = Asked(kind="mfa_reset", customer=customer)
    begun = fund_actions.begin_request(person=people.agent, asked=asked)
    action: FundAction = fund_actions.request(
        person=people.agent, asked=asked, begun=begun, answer=people.answer(people.agent, begun.options)
    )
    return manual_reviews.open_review(person=people.agent, action=action)


@pytest.fixture
def picture() -> Callable[[], bytes]:
    """A passport, as a camera makes one: with where it was taken."""

    def make() -> bytes:
        image = Image.new("RGB", (900, 600), (40, 60, 90))
        exif = image.getexif()
        exif[0x010E] = "taken at home"
        written = BytesIO()
        image.save(written, "JPEG", exif=exif)
        return written.getvalue()

    return make


Move = Callable[..., None]
