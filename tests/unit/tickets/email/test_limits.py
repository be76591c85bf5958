"""What reading a mail may cost: processor time, so that a machine that stands still does not put good mail aside."""

import time

import pytest

from tickets.channels.email.parse.limits import Budget, Unparsable


def test_budget__begun__by_the_processor_time_of_its_thread() -> None:
    before = time.thread_time()
    assert before <= Budget().started_at <= time.thread_time()


def test_check_time__more_worked_than_allowed__refused() -> None:
    budget = Budget(max_seconds=-1.0)
    with pytest.raises(Unparsable, match="too_slow"):
        budget.check_time()
