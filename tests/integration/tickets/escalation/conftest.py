"""People who are told, and time that passes."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from accounts.models import Staff
from tests.factories.accounts import StaffFactory
from tickets.services import escalation_sweep, sla_sweep

Look = Callable[..., None]


@pytest.fixture
def ada(_any_database: None) -> Staff:
    """Somebody who works on tickets."""
    found: Staff = StaffFactory.create(name="Ada", role="agent")
    return found


@pytest.fixture
def ben(_any_database: None) -> Staff:
    """Somebody else."""
    found: Staff = StaffFactory.create(name="Ben", role="agent")
    return found


@pytest.fixture
def look(move_time: Callable[[timedelta], None]) -> Look:
    """A function that lets time pass, after which both sweeps go round."""

    def go_round(by: timedelta = timedelta()) -> None:
        move_time(by)
        sla_sweep.sweep()
        escalation_sweep.sweep()

    return go_round
