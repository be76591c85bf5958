"""The runner of `make check` is honest: a failing, crashing or missing step fails the whole and is shown."""

import sys

import pytest

from tools.checks import __main__ as runner
from tools.checks.__main__ import Step

PASSES = Step("passes", [sys.executable, "-c", "print('fine')"])
FAILS = Step("fails", [sys.executable, "-c", "print('planted fault'); raise SystemExit(3)"])
MISSING = Step("missing", ["./no-such-tool"])


def check(monkeypatch: pytest.MonkeyPatch, steps: list[Step], *words: str) -> int:
    monkeypatch.setattr(runner, "steps", lambda: steps)
    monkeypatch.setattr(sys, "argv", ["checks", *words])
    return runner.main()


def test_runner__all_steps_pass__exit_status_is_0(monkeypatch: pytest.MonkeyPatch) -> None:
    assert check(monkeypatch, [PASSES]) == 0


@pytest.mark.parametrize("faulty", [FAILS, MISSING])
def test_runner__one_step_fails__exit_status_is_1_and_the_others_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], faulty: Step
) -> None:
    assert check(monkeypatch, [faulty, PASSES]) == 1

    shown = capsys.readouterr().out
    assert f"FAIL {faulty.name}" in shown
    assert "ok   passes" in shown
    assert "1 of 2 steps passed" in shown


def test_runner__failing_step__shows_its_output(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    check(monkeypatch, [FAILS])

    assert "planted fault" in capsys.readouterr().out


def test_runner__word_that_matches_nothing__is_no_success(monkeypatch: pytest.MonkeyPatch) -> None:
    assert check(monkeypatch, [PASSES], "nothing") == 1


def test_steps__tools_of_the_plan__are_all_there() -> None:
    names = " ".join(step.name for step in runner.steps())

    for tool in (
        "ruff check",
        "ruff format",
        "mypy",
        "import-linter",
        "djlint",
        "deploy",
        "migrations",
        "house",
        "front",
    ):
        assert tool in names
