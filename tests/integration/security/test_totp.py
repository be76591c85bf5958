"""The second factor against those who guess, replay and race (attacks E5)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from django.db import transaction
from django.test import override_settings

from accounts.models import Staff
from core import clock
from security.models import StaffFactor, TotpDevice
from security.services import recovery_codes, totp
from security.services.totp import Verdict
from security.verifier.protocol import RefusedError
from security.verifier_client import ask
from tests.factories.security import code_of, wrong_code

Move = Callable[[timedelta], None]


def device_of(person: Staff) -> TotpDevice:
    return TotpDevice.objects.get(staff=person)


@pytest.mark.attack("E5")
def test_verify__same_code_twice__is_accepted_once(verifier: object, agent: Staff) -> None:
    code = code_of(agent)
    assert totp.verify(person=agent, code=code) is Verdict.ACCEPTED
    assert totp.verify(person=agent, code=code) is Verdict.REFUSED


@pytest.mark.parametrize("steps", [-2, -1, 1, 2])
def test_verify__code_of_another_step__is_refused(verifier: object, agent: Staff, steps: int) -> None:
    assert totp.verify(person=agent, code=code_of(agent, steps_ahead=steps)) is Verdict.REFUSED


@pytest.mark.attack("E5")
def test_verify__older_step_after_newer_one__is_refused(verifier: object, agent: Staff, move_time: Move) -> None:
    older = code_of(agent)
    move_time(timedelta(seconds=totp.STEP_S))
    assert totp.verify(person=agent, code=code_of(agent)) is Verdict.ACCEPTED
    move_time(timedelta(seconds=-totp.STEP_S))
    assert totp.verify(person=agent, code=older) is Verdict.REFUSED


def test_verify__typed_with_a_space__is_accepted(verifier: object, agent: Staff) -> None:
    code = code_of(agent)
    assert totp.verify(person=agent, code=f"{code[:3]} {code[3:]}") is Verdict.ACCEPTED


@pytest.mark.parametrize("code", ["", " ", "０００００１", "12345", "1234567", "x" * 40, "-00001"])
def test_verify__not_six_digits__is_refused(verifier: object, agent: Staff, code: str) -> None:
    assert totp.verify(person=agent, code=code) is Verdict.REFUSED


@pytest.mark.attack("E5")
def test_verify__two_hundred_guesses_at_once__count_five(
    verifier: object, agent: Staff, race: Callable[..., list[Any]]
) -> None:
    wrong = wrong_code(agent)
    guesses = [lambda: totp.verify(person=agent, code=wrong)] * 20
    verdicts = [verdict for _ in range(10) for verdict in race(*guesses)]
    assert verdicts.count(Verdict.REFUSED) == 5
    assert verdicts.count(Verdict.LOCKED) == 195
    assert device_of(agent).failures == 5


@pytest.mark.attack("E5")
def test_verify__same_right_code_at_once__is_accepted_once(
    verifier: object, agent: Staff, race: Callable[..., list[Any]]
) -> None:
    code = code_of(agent)
    verdicts = race(*[lambda: totp.verify(person=agent, code=code)] * 5)
    assert verdicts.count(Verdict.ACCEPTED) == 1


@pytest.mark.attack("E5")
def test_verify__caller_rolls_back__the_attempt_stays_counted(verifier: object, agent: Staff) -> None:
    with transaction.atomic():
        totp.verify(person=agent, code=wrong_code(agent))
        transaction.set_rollback(True)
    assert device_of(agent).failures == 1


def test_verify__caller_rolls_back__an_accepted_code_stays_used(verifier: object, agent: Staff) -> None:
    code = code_of(agent)
    with transaction.atomic():
        assert totp.verify(person=agent, code=code) is Verdict.ACCEPTED
        transaction.set_rollback(True)
    assert totp.verify(person=agent, code=code) is Verdict.REFUSED


def test_verify__five_wrong_codes__lock_the_right_one_out_for_15_minutes(
    verifier: object, agent: Staff, move_time: Move
) -> None:
    for _ in range(5):
        assert totp.verify(person=agent, code=wrong_code(agent)) is Verdict.REFUSED
    assert totp.verify(person=agent, code=code_of(agent)) is Verdict.LOCKED
    move_time(timedelta(minutes=14, seconds=50))
    assert totp.verify(person=agent, code=code_of(agent)) is Verdict.LOCKED
    move_time(timedelta(seconds=15))
    assert totp.verify(person=agent, code=code_of(agent)) is Verdict.ACCEPTED
    assert device_of(agent).failures == 0


def test_verify__after_a_lock_has_passed__five_tries_again(verifier: object, agent: Staff, move_time: Move) -> None:
    for _ in range(5):
        totp.verify(person=agent, code=wrong_code(agent))
    move_time(timedelta(minutes=16))
    verdicts = [totp.verify(person=agent, code=wrong_code(agent)) for _ in range(6)]
    assert verdicts == [Verdict.REFUSED] * 5 + [Verdict.LOCKED]


def test_verify__unconfirmed_factor__is_no_factor(verifier: object, agent: Staff) -> None:
    TotpDevice.objects.filter(staff=agent).update(confirmed_at=None)
    assert totp.verify(person=agent, code=code_of(agent)) is Verdict.LOCKED


def test_enrol__working_factor__is_never_replaced_or_shown(verifier: object, agent: Staff) -> None:
    before = device_of(agent).secret
    totp.enrol(person=agent)
    assert device_of(agent).secret == before
    assert totp.enrolment(person=agent) is None


def test_enrolled_secret__in_the_database__is_encrypted(verifier: object, agent: Staff, owner_connection: Any) -> None:
    row = owner_connection.execute("SELECT secret FROM security_totpdevice").fetchone()
    assert device_of(agent).secret not in row[0]


def test_secret__after_its_first_right_code__is_the_verifiers_alone(
    verifier: object, agent: Staff, owner_connection: Any
) -> None:
    shown = device_of(agent).secret
    assert totp.verify(person=agent, code=code_of(agent)) is Verdict.ACCEPTED
    assert device_of(agent).secret == ""
    (kept,) = owner_connection.execute("SELECT secret FROM security_factorsecret").fetchone()
    assert kept
    assert shown not in kept
    assert StaffFactor.objects.get(staff=agent).method == "totp"


def test_verify__verifier_away__is_not_counted(clone_db: str, agent: Staff) -> None:
    with override_settings(VERIFIER_SOCKET="/nowhere/verifier.sock"):
        assert totp.verify(person=agent, code=wrong_code(agent)) is Verdict.AWAY
    assert device_of(agent).failures == 0


def test_keep__another_secret_without_a_voucher__is_refused(verifier: object, agent: Staff) -> None:
    totp.verify(person=agent, code=code_of(agent))
    mine = pyotp.random_base32()
    given = {"staff": agent.pk, "secret": mine, "last_step": -1}
    with pytest.raises(RefusedError, match="one that the person has already"):
        ask("staff.code.keep", **given, code=pyotp.TOTP(mine).at(clock.now()))


def test_recovery_code__used__works_once(verifier: object, agent: Staff) -> None:
    codes = recovery_codes.renew(person=agent)
    assert len(codes) == 10
    assert len(set(codes)) == 10
    assert recovery_codes.use(person=agent, code=codes[3].upper().replace("-", " ")) is Verdict.ACCEPTED
    assert recovery_codes.use(person=agent, code=codes[3]) is Verdict.REFUSED
    assert recovery_codes.use(person=agent, code=codes[4]) is Verdict.ACCEPTED


@pytest.mark.attack("E5")
def test_recovery_code__at_once__is_spent_once(verifier: object, agent: Staff, race: Callable[..., list[Any]]) -> None:
    code = recovery_codes.renew(person=agent)[0]
    verdicts = race(*[lambda: recovery_codes.use(person=agent, code=code)] * 4)
    assert verdicts.count(Verdict.ACCEPTED) == 1


def test_recovery_code__of_another_person__is_refused(verifier: object, agent: Staff, lead: Staff) -> None:
    code = recovery_codes.renew(person=agent)[0]
    recovery_codes.renew(person=lead)
    assert recovery_codes.use(person=lead, code=code) is Verdict.REFUSED


@pytest.mark.attack("E5")
def test_recovery_code__guesses__share_the_five_tries_of_the_authenticator(verifier: object, agent: Staff) -> None:
    code = recovery_codes.renew(person=agent)[0]
    for _ in range(3):
        recovery_codes.use(person=agent, code="2222-2222-2222")
    for _ in range(2):
        totp.verify(person=agent, code=wrong_code(agent))
    assert recovery_codes.use(person=agent, code=code) is Verdict.LOCKED
    assert totp.verify(person=agent, code=code_of(agent)) is Verdict.LOCKED


def test_recovery_codes__renewed__make_the_old_ones_worthless(verifier: object, agent: Staff) -> None:
    old = recovery_codes.renew(person=agent)[0]
    recovery_codes.renew(person=agent)
    assert recovery_codes.use(person=agent, code=old) is Verdict.REFUSED
