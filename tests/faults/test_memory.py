"""Memory is judged as the soak promises: a leak is seen, also between restarts, and a warm-up is none."""

import itertools
import os
from dataclasses import replace

from tests.faults.memory import Sample, Verdict, sample, tree, unjudged, verdicts
from tests.faults.peaks import watched_readers
from tests.support.letters import letter
from tickets.channels.email.reading import read

LENGTH_S = 1800.0
EVERY_S = 5


def _history(kb_by_age: "dict[int, float]", births: list[int], *, role: str = "sockets") -> list[Sample]:
    """One process after the other, born at these seconds; `kb_by_age` has the size at each age, straight between."""
    found = []
    for at_s in range(0, int(LENGTH_S) + 1, EVERY_S):
        born = max(birth for birth in births if birth <= at_s)
        kb = _between(kb_by_age, at_s - born)
        found.append(
            Sample(float(at_s), role, (1 + births.index(born), born), True, float(at_s - born), int(kb), int(kb))
        )
    return found


def _between(points: "dict[int, float]", age: int) -> float:
    ages = sorted(points)
    for low, high in itertools.pairwise(ages):
        if low <= age <= high:
            return points[low] + (points[high] - points[low]) * (age - low) / (high - low)
    return points[ages[-1]]


def _grown(found: list[Verdict]) -> list[str]:
    return [one.what for one in found if not one.ok]


STEADY = {0: 50_000.0, 60: 100_000.0}
LEAKING = {0: 50_000.0, 60: 100_000.0, 1800: 140_000.0}


def test_verdicts__steady_process__is_fine_and_was_compared() -> None:
    found = verdicts(_history(STEADY, [-300]), LENGTH_S)
    assert [(one.what, round(one.ratio, 2)) for one in found] == [
        ("sockets", 1.0),
        ("sockets, longest-lived process", 1.0),
    ]


def test_verdicts__restarts_in_the_first_window__warm_up_is_no_growth() -> None:
    assert _grown(verdicts(_history(STEADY, [-300, 310, 380, 450, 520]), LENGTH_S)) == []


def test_verdicts__leak_without_restart__is_seen_in_the_role() -> None:
    assert "sockets" in _grown(verdicts(_history(LEAKING, [-300]), LENGTH_S))


def test_verdicts__sibling_that_shared_is_gone__is_no_growth_of_the_one_that_stays() -> None:
    alone = [
        replace(one, kb=60_000 if one.at_s < 900 else 100_000, whole_kb=100_000) for one in _history(STEADY, [-300])
    ]
    assert _grown(verdicts(alone, LENGTH_S)) == ["sockets"]


def test_verdicts__leak_with_a_restart_before_the_last_window__is_seen_in_the_longest_life() -> None:
    found = verdicts(_history(LEAKING, [-300, 1400]), LENGTH_S)
    assert _grown(found) == ["sockets, longest-lived process"]


def test_verdicts__never_up_long_enough__says_so_and_compares_nothing() -> None:
    found = verdicts(_history(STEADY, list(range(-60, 1800, 60))), LENGTH_S)
    assert [str(one) for one in found] == [
        "sockets: not up long enough to compare",
        "sockets, longest-lived process: not up long enough to compare",
    ]
    assert unjudged(found, ["sockets"]) == ["sockets"]


def test_unjudged__one_life_long_enough__is_judged_and_a_role_never_seen_is_not() -> None:
    found = verdicts(_history(STEADY, [*range(-60, 1200, 60), 1201]), LENGTH_S)
    assert str(found[0]) == "sockets: not up long enough to compare"
    assert unjudged(found, ["sockets", "mail"]) == ["mail"]


def test_verdicts__postgres_with_more_backends__is_judged_by_their_mean() -> None:
    few = [Sample(float(at), "postgres", (1, 0), True, 9e9, 20_000, 20_000) for at in range(0, 1801, 5)]
    more = [
        Sample(float(at), "postgres", (pid, 0), False, 9e9, 20_000, 20_000)
        for at in range(900, 1801, 5)
        for pid in (2, 3)
    ]
    assert _grown(verdicts(few + more, LENGTH_S)) == []


def test_sample__of_this_process__has_its_size_and_its_age() -> None:
    found = sample(1.0, {"test": os.getpid()})
    mine = next(one for one in found if one.is_leader)
    assert mine.life[0] == os.getpid()
    assert mine.age_s > 0
    assert mine.kb > 10_000
    assert os.getpid() in tree(os.getpid())


def test_watched_readers__an_isolated_reader_of_our_own__is_counted_and_judged() -> None:
    raw = letter(sender="li@example.com", to="support@pharos.test", text="word " * 300_000)
    with watched_readers() as held:
        read(raw, is_suspect=True)
    assert list(held.megabytes) == ["reader"]
    assert [what.split(" held ")[0] for what in held.over(10)] == ["reader"]
