"""Codes for the demo's accounts: always one that sign-in accepts."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Staff
from core import clock
from helpdesk.demo import codes
from security.models import TotpDevice
from security.services import totp
from security.services.totp import STEP_S, Verdict
from tests.factories.security import step_now

MoveTime = Callable[[timedelta], None]


@pytest.fixture
def pause(move_time: MoveTime) -> Callable[[float], None]:
    """Instead of sleeping, move the database's clock."""

    def pass_time(seconds: float) -> None:
        move_time(timedelta(seconds=seconds))

    return pass_time


@pytest.fixture
def _early_in_a_step(verifier: object, move_time: MoveTime) -> None:
    move_time(timedelta(seconds=STEP_S - clock.now().timestamp() % STEP_S + 1))


@pytest.mark.usefixtures("_early_in_a_step")
def test_usable_code__unused_step__is_accepted_at_once(agent: Staff, pause: Callable[[float], None]) -> None:
    waited: list[str] = []

    code = codes.usable_code("Agent@Cast.test ", say=waited.append, pause=pause)

    assert not waited
    assert totp.verify(person=agent, code=code) is Verdict.ACCEPTED


@pytest.mark.usefixtures("_early_in_a_step")
def test_usable_code__used_step__waits_for_the_next(agent: Staff, pause: Callable[[float], None]) -> None:
    TotpDevice.objects.filter(staff=agent).update(last_step=step_now())
    waited: list[str] = []

    code = codes.usable_code(agent.email, say=waited.append, pause=pause)

    assert len(waited) == 1
    assert totp.verify(person=agent, code=code) is Verdict.ACCEPTED


def test_usable_code__step_about_to_end__waits_for_the_next(
    verifier: object, agent: Staff, move_time: MoveTime, pause: Callable[[float], None]
) -> None:
    move_time(timedelta(seconds=STEP_S - clock.now().timestamp() % STEP_S - 1))
    before = step_now()

    code = codes.usable_code(agent.email, say=lambda line: None, pause=pause)

    assert step_now() == before + 1
    assert totp.verify(person=agent, code=code) is Verdict.ACCEPTED


@pytest.mark.django_db
def test_usable_code__locked__says_until_when(agent: Staff) -> None:
    TotpDevice.objects.filter(staff=agent).update(locked_until=clock.now() + timedelta(minutes=5))

    with pytest.raises(codes.NoCodeError, match="locked"):
        codes.usable_code(agent.email, say=lambda line: None)


@pytest.mark.django_db
@pytest.mark.parametrize("is_known", [True, False])
def test_usable_code__no_confirmed_factor__is_an_error(agent: Staff, is_known: bool) -> None:
    TotpDevice.objects.filter(staff=agent).update(confirmed_at=None)

    with pytest.raises(codes.NoCodeError, match="no confirmed"):
        codes.usable_code(agent.email if is_known else "nobody@cast.test", say=lambda line: None)


@pytest.mark.usefixtures("_early_in_a_step")
def test_demo_code__demo_account__prints_the_code_alone(agent: Staff) -> None:
    out = StringIO()

    call_command("demo_code", agent.email, stdout=out)

    assert totp.verify(person=agent, code=out.getvalue()) is Verdict.ACCEPTED


@pytest.mark.usefixtures("_early_in_a_step")
def test_usable_code__secret_has_moved_to_the_verifier__is_remembered(
    agent: Staff, pause: Callable[[float], None]
) -> None:
    codes_given = []
    for _ in range(2):
        codes_given.append(codes.usable_code(agent.email, say=lambda line: None, pause=pause))
        assert totp.verify(person=agent, code=codes_given[-1]) is Verdict.ACCEPTED
    assert TotpDevice.objects.get(staff=agent).secret == ""
    assert codes_given[0] != codes_given[1]


@pytest.mark.django_db
def test_usable_code__secret_that_the_verifier_alone_knows__is_an_error(agent: Staff) -> None:
    TotpDevice.objects.filter(staff=agent).update(secret="")

    with pytest.raises(codes.NoCodeError, match="alone"):
        codes.usable_code(agent.email, say=lambda line: None)


@pytest.mark.django_db
def test_demo_code__outside_development__is_refused(agent: Staff, settings: Any) -> None:
    settings.DEMO = False

    with pytest.raises(CommandError, match="development"):
        call_command("demo_code", agent.email)
