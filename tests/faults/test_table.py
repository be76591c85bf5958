"""The table of docs/reliability.md: made of catalogue and results, and in step with the catalogue."""

import re

from tests.faults import table
from tests.faults.catalogue import FAULTS, ROUNDS

PAGE = f"before\n{table.BEGIN}\n| F1 | old words | old | held, 20 rounds |\n{table.END}\nafter\n"
RESULT = {
    "id": "F3", "rounds": 1, "acknowledged": 6, "stored": 5, "lost": 1, "duplicated": 0, "unknown": 0, "ok": False,
    "notes": ["lost: number 4", "a | b"], "seconds": 7.4, "seed": 1, "at": "2026-11-23T06:00:00+00:00",
}  # fmt: skip


def test_rendered__result_given__row_shows_it_and_the_others_keep_theirs() -> None:
    page = table.rendered(PAGE, {"F3": RESULT})
    lines = {line.split(" | ")[0].removeprefix("| "): line for line in page.splitlines() if line.startswith("| ")}
    assert "old words" not in page
    assert lines["F1"].endswith("| held, 20 rounds |")
    assert f"**broken** in 1 of {ROUNDS} rounds, in 7 s (2026-11-23): acknowledged 6, stored 5, lost 1" in lines["F3"]
    assert "lost: number 4; a / b" in lines["F3"]
    assert lines["F4"].endswith(f"| {table.NO_RESULT} |")
    assert (page.startswith("before\n"), page.endswith("\nafter\n")) == (True, True)
    assert table.rendered(page, {}) == page


def test_rendered__fewer_rounds_than_promised__is_not_called_held() -> None:
    short = table.rendered(PAGE, {"F3": RESULT | {"ok": True, "rounds": ROUNDS - 1}})
    whole = table.rendered(PAGE, {"F3": RESULT | {"ok": True, "rounds": ROUNDS}})
    assert f"| held in {ROUNDS - 1} of {ROUNDS} rounds, in 7 s (" in short
    assert f"| held, {ROUNDS} rounds in 7 s (" in whole


def test_page__as_committed__names_every_fault_of_the_catalogue() -> None:
    page = table.PAGE.read_text(encoding="utf-8")
    assert table.rendered(page, {}) == page
    assert set(FAULTS) <= {line.split(" | ")[0].removeprefix("| ") for line in page.splitlines()}


def test_page__as_committed__calls_nothing_held_that_had_fewer_rounds() -> None:
    page = table.PAGE.read_text(encoding="utf-8")
    assert [rounds for rounds in re.findall(r"\| held, (\d+) round", page) if int(rounds) < ROUNDS] == []
