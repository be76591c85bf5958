"""docs/asvs.md has every requirement once, with its level; what is met names tests that exist, what is not, a reason."""

from collections import Counter
from dataclasses import replace

from tests.contracts.asvs import register
from tests.contracts.asvs.register import Entry

DOCUMENT = register.DOCUMENT.read_text(encoding="utf-8")
ENTRIES = register.entries(DOCUMENT)


def test_document__every_requirement__is_there_once_with_its_level() -> None:
    found = Counter(entry.requirement for entry in ENTRIES)
    assert [name for name, times in found.items() if times > 1] == []
    assert {entry.requirement: entry.level for entry in ENTRIES} == register.wanted()
    assert len(register.wanted()) == 345


def test_document__every_line__names_what_exists_and_says_why() -> None:
    assert {entry.requirement: wrong for entry in ENTRIES if (wrong := register.faults(entry))} == {}


def test_document__summary__is_that_of_its_lines() -> None:
    assert register.shown(DOCUMENT) == register.summary(ENTRIES)


def test_document__lines_in_tables__are_all_read() -> None:
    assert DOCUMENT.count("\n| V") - register.summary(ENTRIES).count("\n| V") == len(ENTRIES)


def test_faults__planted__are_found() -> None:
    good = Entry("V1.1.1", "2", "words", "met", "It is so.")
    assert register.faults(good) == ["met by no test and no check"]
    here = "tests/contracts/asvs/test_register.py"
    assert register.faults(replace(good, how=f"`{here}::test_faults__planted__are_found`")) == []
    assert register.faults(replace(good, how=f"`{here}::test_gone`")) == [f"{here}::test_gone is not there"]
    assert register.faults(replace(good, how="`make check`: “house checks”, “models, migrations and grants”")) == []
    assert register.faults(replace(good, how="`make check`: “wishes”")) == ["no step 'wishes'"]
    assert register.faults(replace(good, state="not yet", how="")) == ["no reason"]
    assert register.faults(replace(good, state="nearly", how="because it is so")) == ["'nearly' is no state"]
