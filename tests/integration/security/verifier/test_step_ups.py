"""Step-ups by the real verifier over its socket: what is right passes once, everything else is refused and counted."""

import json
import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pyotp
import pytest

from accounts.models import Staff
from core import clock
from security.models import StaffFactor, StepUp
from security.verifier.protocol import Code, RefusedError
from security.verifier_client import ask
from tests.integration.security.verifier.conftest import BOUND_TO, Enrol, begin
from tests.support.authenticator import IS_COPIED, MAY_BE_COPIED, USER_PRESENT, Authenticator

Owner = Any
Move = Callable[[timedelta], None]


def refused(operation: str, **given: Any) -> Code:
    with pytest.raises(RefusedError) as found:
        ask(operation, **given)
    return found.value.code


def answer(begun: dict[str, Any], authenticator: Authenticator) -> dict[str, Any]:
    return ask("step_up.finish", step_up=begun["step_up"], response=authenticator.get(begun["options"]))


def test_step_up__right_assertion__is_verified_with_its_factor_and_evidence(agent: Staff, enrol: Enrol) -> None:
    key = enrol(agent)
    begun = begin(agent)

    found = answer(begun, key)

    row = StepUp.objects.get(pk=found["id"])
    assert row.is_verified
    assert row.public_id == begun["step_up"]
    assert bytes(row.bound_to).hex() == BOUND_TO
    assert row.factor == StaffFactor.objects.get(staff=agent)
    assert row.is_device_bound
    assert {"client_data_json", "authenticator_data", "signature"} <= set(row.evidence or {})


def test_step_up__used_once__is_not_answered_again(agent: Staff, enrol: Enrol) -> None:
    key = enrol(agent)
    begun = begin(agent)
    answer(begun, key)
    assert refused("step_up.finish", step_up=begun["step_up"], response=key.get(begun["options"])) is Code.EXPIRED


@pytest.mark.parametrize(
    "spoil",
    [
        lambda key: setattr(key, "origin", "http://evil.test"),
        lambda key: setattr(key, "rp_id", "evil.test"),
        lambda key: setattr(key, "flags", USER_PRESENT),
        lambda key: setattr(key, "flags", 0),
        lambda key: setattr(key, "flags", key.flags | MAY_BE_COPIED),
        lambda key: setattr(key, "flags", key.flags | MAY_BE_COPIED | IS_COPIED),
        lambda key: setattr(key, "key", Authenticator("").key),
        lambda key: setattr(key, "credential_id", bytes(32)),
    ],
    ids=["origin", "rpId", "not verified", "not present", "may be copied now", "is copied now", "key", "credential"],
)
def test_step_up__assertion_that_is_wrong__is_refused_and_counted(
    agent: Staff, enrol: Enrol, spoil: Callable[[Authenticator], None]
) -> None:
    key = enrol(agent)
    begun = begin(agent)
    spoil(key)

    assert refused("step_up.finish", step_up=begun["step_up"], response=key.get(begun["options"])) is Code.REFUSED

    row = StepUp.objects.get(public_id=begun["step_up"])
    assert (row.attempts, row.is_verified) == (1, False)


def test_step_up__challenge_of_another__is_refused(agent: Staff, enrol: Enrol) -> None:
    key = enrol(agent)
    other = begin(agent, bound_to="cd" * 32)
    response = key.get(other["options"])
    assert refused("step_up.finish", step_up=begin(agent)["step_up"], response=response) is Code.REFUSED


def test_step_up__passkey_of_another_person__is_refused(agent: Staff, lead: Staff, enrol: Enrol) -> None:
    enrol(agent)
    theirs = enrol(lead)
    begun = begin(agent)
    assert refused("step_up.finish", step_up=begun["step_up"], response=theirs.get(begun["options"])) is Code.REFUSED


def test_step_up__count_that_goes_back__is_refused(agent: Staff, enrol: Enrol) -> None:
    key = enrol(agent)
    key.count = 7
    answer(begin(agent), key)
    key.count = 7
    begun = begin(agent)
    assert refused("step_up.finish", step_up=begun["step_up"], response=key.get(begun["options"])) is Code.REFUSED


@pytest.mark.attack("E5")
def test_step_up__two_hundred_guesses_at_once__five_are_counted(
    agent: Staff, enrol: Enrol, race: Callable[..., list[Any]]
) -> None:
    key = enrol(agent)
    begun = begin(agent)
    key.origin = "http://evil.test"
    wrong = key.get(begun["options"])

    def guess() -> Code:
        return refused("step_up.finish", step_up=begun["step_up"], response=wrong)

    codes = race(*[guess] * 200)

    assert codes.count(Code.REFUSED) == 5
    assert StepUp.objects.get(public_id=begun["step_up"]).attempts == 5
    # And the person's next one is not compared either.
    key.origin = "http://localhost"
    again = begin(agent)
    assert refused("step_up.finish", step_up=again["step_up"], response=key.get(again["options"])) is Code.LOCKED


def test_step_up__after_the_lock_has_passed__is_compared_again(agent: Staff, enrol: Enrol, move_time: Move) -> None:
    key = enrol(agent)
    for _ in range(5):
        begun = begin(agent)
        refused("step_up.finish", step_up=begun["step_up"], response=json.dumps({"id": "x"}))
    begun = begin(agent)
    assert refused("step_up.finish", step_up=begun["step_up"], response=key.get(begun["options"])) is Code.LOCKED
    move_time(timedelta(minutes=15, seconds=1))
    assert answer(begin(agent), key)["verified_at"]


def test_step_up__after_five_minutes__has_ended(agent: Staff, enrol: Enrol, move_time: Move) -> None:
    key = enrol(agent)
    begun = begin(agent)
    move_time(timedelta(minutes=5, seconds=1))
    assert refused("step_up.finish", step_up=begun["step_up"], response=key.get(begun["options"])) is Code.EXPIRED


def test_step_up__for_approving__needs_a_key_that_stays_on_its_device(lead: Staff, enrol: Enrol) -> None:
    copied = Authenticator("http://localhost", flags=0x05 | MAY_BE_COPIED)
    begun = ask("staff.passkey.begin", staff=lead.pk, name=lead.email)
    ask("staff.passkey.finish", ceremony=begun["ceremony"], response=copied.create(begun["options"]), label="")
    assert answer(begin(lead), copied)
    step_up = begin(lead, purpose="action.approve")
    assert (
        refused("step_up.finish", step_up=step_up["step_up"], response=copied.get(step_up["options"])) is Code.REFUSED
    )


def test_passkey__second_one__needs_a_voucher_by_the_first(agent: Staff, enrol: Enrol) -> None:
    key = enrol(agent)
    with pytest.raises(RefusedError):
        enrol(agent)
    begun = ask("staff.sign_in.begin", staff=agent.pk)
    voucher = ask("staff.sign_in.finish", ceremony=begun["ceremony"], response=key.get(begun["options"]))["voucher"]

    second = enrol(agent, voucher=voucher)

    assert answer(begin(agent), second)
    with pytest.raises(RefusedError):
        enrol(agent, voucher=voucher)


def test_passkey__after_all_others_ended__counts_a_day_later(agent: Staff, enrol: Enrol, move_time: Move) -> None:
    enrol(agent)
    factor = StaffFactor.objects.get(staff=agent)
    assert ask("factor.end", person=f"staff:{agent.pk}", factor=factor.public_id)["ended"]
    second = enrol(agent)
    begun = begin(agent)
    assert refused("step_up.finish", step_up=begun["step_up"], response=second.get(begun["options"])) is Code.REFUSED
    move_time(timedelta(hours=24, seconds=1))
    assert answer(begin(agent), second)


def test_code__used__is_not_taken_again_nor_an_older_one(agent: Staff, verifier: object, move_time: Move) -> None:
    person = f"staff:{agent.pk}"
    begun = ask("code.begin", person=person, name=agent.email, issuer="Pharos")
    shown = pyotp.TOTP(begun["secret"])
    ask("code.finish", ceremony=begun["ceremony"], code=shown.at(clock.now()))
    move_time(timedelta(seconds=60))

    def code_at(seconds: int) -> str:
        return shown.at(clock.now() + timedelta(seconds=seconds))

    def step_up() -> str:
        return str(begin(agent, method="totp")["step_up"])

    assert refused("step_up.finish", step_up=step_up(), code=code_at(30)) is Code.REFUSED
    assert refused("step_up.finish", step_up=step_up(), code=code_at(-30)) is Code.REFUSED
    right = code_at(0)
    assert ask("step_up.finish", step_up=step_up(), code=right)["verified_at"]
    assert refused("step_up.finish", step_up=step_up(), code=right) is Code.REFUSED


def test_secret__at_rest__is_sealed_with_a_key_that_the_desk_does_not_hold(
    agent: Staff, verifier: object, owner_connection: Owner
) -> None:
    begun = ask("code.begin", person=f"staff:{agent.pk}", name=agent.email, issuer="Pharos")
    ask("code.finish", ceremony=begun["ceremony"], code=pyotp.TOTP(begun["secret"]).at(clock.now()))
    (kept,) = owner_connection.execute("SELECT secret FROM security_factorsecret").fetchone()
    assert begun["secret"] not in kept
    assert kept.startswith("gAAAA")
    assert os.environ["PHAROS_FIELD_KEYS"] != os.environ["PHAROS_VERIFIER_KEYS"]
