"""Second factors for tests, the codes that go with them, and training."""

import factory
import pyotp
from factory.django import DjangoModelFactory

from accounts.models import Staff
from core import clock
from core.ids import new_public_id
from security.models import TotpDevice, TrainingCertificate
from security.services import fund_actions
from security.services.totp import STEP_S
from tests.factories.accounts import StaffFactory
from tests.support.system import wait_for

# A code counts in its own step only: one that is about to end is not handed out.
LASTS_S = 3.0
# Secrets by person, as their apps hold them.
_SHOWN: dict[str, str] = {}


class TotpDeviceFactory(DjangoModelFactory[TotpDevice]):
    class Meta:
        model = TotpDevice

    staff = factory.SubFactory(StaffFactory)
    secret = factory.LazyFunction(pyotp.random_base32)
    confirmed_at = factory.LazyFunction(clock.now)


def certify(*people: Staff) -> None:
    """Record that these people are trained for fund-related actions, by an administrator who is none of them."""
    trainers = Staff.objects.filter(role="admin", is_active=True).exclude(pk__in=[person.pk for person in people])
    trainer = trainers.first() or StaffFactory.create(role="admin", name="Tia Trainer")
    for person in people:
        values = {"public_id": new_public_id(), "person_id": person.pk, "recorded_by_id": trainer.pk}
        fund_actions.insert(TrainingCertificate, values)


def step_now() -> int:
    """Return the step that the database's clock is in."""
    return int(clock.now().timestamp() // STEP_S)


def code_of(person: Staff, *, steps_ahead: int = 0, lasts_s: float = LASTS_S) -> str:
    """Return the code that `person`'s authenticator shows now, or some steps later; its step lasts `lasts_s` more."""
    wait_for(lambda: STEP_S - clock.now().timestamp() % STEP_S >= lasts_s, "a new step")
    secret = _secret(person)
    return pyotp.TOTP(secret).generate_otp(step_now() + steps_ahead)


def _secret(person: Staff) -> str:
    """Return the secret in `person`'s app: from the desk's row, or as remembered since the verifier keeps it."""
    if shown := TotpDevice.objects.get(staff=person).secret:
        _SHOWN[person.public_id] = shown
    return _SHOWN[person.public_id]


def wrong_code(person: Staff) -> str:
    """Return six digits that are no code of `person` around now."""
    near = {code_of(person, steps_ahead=steps) for steps in range(-3, 4)}
    return next(code for code in (f"{number:06d}" for number in range(100)) if code not in near)
