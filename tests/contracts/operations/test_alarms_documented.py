"""Every alarm has its section in docs/operations.md under the id that page and mail name, and no section is left over."""

import re

import pytest

from helpdesk.embedded.places import ROOT
from tickets.alarm_kinds import KINDS
from tickets.selectors import troubles

DOCUMENT = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
SECTION = re.compile(r"^### ([a-z-]+)\n(.+?)(?=^#|\Z)", re.MULTILINE | re.DOTALL)
SECTIONS = dict(SECTION.findall(DOCUMENT.partition("\n## Alarms\n")[2]))


def test_alarms__kinds_in_the_code__are_the_sections_of_the_document() -> None:
    assert SECTIONS.keys() == KINDS.keys()


@pytest.mark.parametrize("kind", KINDS)
def test_alarms__every_section__says_what_to_do(kind: str) -> None:
    assert "\nDo: " in SECTIONS[kind]


def test_alarms__what_is_looked_for__has_a_kind() -> None:
    assert set(troubles.PROCESSES.values()) <= KINDS.keys()
    assert troubles.FOLLOWS.keys() | frozenset().union(*troubles.FOLLOWS.values()) <= KINDS.keys()
