"""Every attack row has its tests, every starred one its positive control, and the document says where they are."""

from pathlib import Path

import pytest

from tests.contracts.attacks import register

FOUND = register.marks()
ENTRIES = register.entries(register.DOCUMENT.read_text(encoding="utf-8"))


def rows_with(kind: str) -> set[str]:
    return {mark.row for mark in FOUND if mark.kind == kind}


def test_register__every_row__has_a_test() -> None:
    assert sorted(register.ROWS - rows_with("attack")) == []


def test_register__every_starred_row__has_a_positive_control() -> None:
    assert sorted(register.CONTROLLED - rows_with("positive_control")) == []


@pytest.mark.parametrize("kind", register.MARKS)
def test_register__every_mark__names_a_known_row(kind: str) -> None:
    assert sorted(rows_with(kind) - register.ROWS) == []


def test_document__rows_and_stars__are_the_same() -> None:
    assert sorted(entry.row for entry in ENTRIES) == sorted(register.ROWS)
    assert {entry.row for entry in ENTRIES if entry.is_controlled} == register.CONTROLLED


def test_document__files_it_names__hold_tests_of_the_row() -> None:
    held = {(mark.row, mark.path) for mark in FOUND}
    named = {(entry.row, path) for entry in ENTRIES for path in entry.paths}
    assert sorted(row for row, path in named - held) == []
    assert sorted(entry.row for entry in ENTRIES if not entry.paths) == []


def test_marks__only_on_what_pytest_collects__are_counted(tmp_path: Path) -> None:
    (tmp_path / "test_one.py").write_text(
        "import pytest\npytestmark = [pytest.mark.attack('A2')]\n"
        "@pytest.mark.attack('A1')\ndef check_it(): ...\n"
        "@pytest.mark.positive_control('A3')\ndef test_it(): ...\n",
        encoding="utf-8",
    )
    (tmp_path / "test_two.py").write_text("pytestmark = pytest.mark.attack('A4')\n", encoding="utf-8")
    found = register.marks(tmp_path, tmp_path)
    assert [(mark.kind, mark.row) for mark in found] == [("positive_control", "A3"), ("attack", "A2")]
