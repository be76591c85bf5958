"""SECURITY.md and the threat model: what they promise to say, and that the rows and tests they name exist."""

import re

from tests.contracts.asvs import register
from tests.contracts.asvs.sources import ROOT
from tests.contracts.attacks.register import ROWS

SECURITY = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
MODEL = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
THREAT = re.compile(r"^\| ([STRIDE]) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
BOUNDARY = re.compile(r"^### (B\d)\b", re.MULTILINE)
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def test_security__page_for_those_who_report__has_its_parts() -> None:
    wanted = ("Reporting a weakness", "What is in scope", "Versions", "How soon", "What Pharos holds itself to")
    assert [title for title in wanted if f"## {title}\n" not in SECURITY] == []
    assert re.findall(r"^\| (critical|high|medium|low)\b.*\| \d+ days \|", SECURITY, re.MULTILINE)[:3] == [
        "critical",
        "high",
        "medium",
    ]


def test_threats__every_one__names_a_row_of_attacks_or_a_test() -> None:
    threats = THREAT.findall(MODEL)
    assert len(threats) > 30
    assert {letter for letter, *_ in threats} == set("STRIDE")
    rows = {threat: re.findall(r"\b([A-I]\d{1,2})\b", re.sub(r"`[^`]*`", "", held)) for _, threat, _, held in threats}
    assert {threat: names for threat, names in rows.items() if not set(names) <= ROWS} == {}
    assert [threat for _, threat, _, held in threats if not rows[threat] and not NAMED.search(held)] == []


def test_threats__tests_they_name__exist() -> None:
    assert [name for path, name in NAMED.findall(MODEL) if name not in register.tests_of(path)] == []


def test_boundaries__of_the_drawing__each_has_its_table() -> None:
    drawing = MODEL.partition("```mermaid")[2].partition("```")[0]
    assert sorted(set(re.findall(r"\bB\d\b", drawing))) == sorted(set(BOUNDARY.findall(MODEL)))
