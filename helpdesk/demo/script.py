"""Reads the conversation scripts in scripts/*.txt.

A script file holds scenarios: `=== key`, header lines (`topic:`, `team:`, `tags:`, `priority:`,
`assets:`, `channel:`, `weight:`, `end:` and one `subject:` per variant), then turns. A turn begins
with a speaker and a colon, `C:` customer, `A:` agent, `L:` lead, `N:` note by the agent, `M:` note
by a lead, `H:` note that puts the case on hold, `X:` third party; `A+4d:` waits four days (m, h, d).
A line `/` starts another variant of the same turn; with `//` the variants follow the one that
opened the conversation. `[one|other]` is a choice, `{slot}` a value, and a line that starts with @
is an instruction: `@file KIND`, `@inline KIND`, `@forward KIND`, `@quote`, `@raw` (no greeting),
`@unproven`, `@secret`.
"""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path

SCRIPTS = Path(__file__).parent / "scripts"
_TURN = re.compile(r"^([CALNMHX])(?:\+(\d+)([mhd]))?: ?(.*)$")
_PAYMENTS = ("deposits.", "earn.")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


class ScriptError(ValueError):
    """A script file breaks the format; the message names file and scenario."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One wording of one turn."""

    text: str
    files: tuple[str, ...] = ()
    inline: tuple[str, ...] = ()
    forward: str = ""
    flags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Turn:
    """One thing said; `follows_opener` picks the variant with the opener's index."""

    speaker: str
    variants: tuple[Variant, ...]
    wait: timedelta | None
    follows_opener: bool


@dataclass(frozen=True, slots=True)
class Scenario:
    """One kind of conversation in one language."""

    key: str
    language: str
    topic: str
    team: str
    subjects: tuple[str, ...]
    turns: tuple[Turn, ...]
    tags: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ("normal",)
    assets: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    weight: int = 1
    end: str = "resolved"


@dataclass(slots=True)
class _Open:
    """A scenario while it is being read."""

    key: str
    header: dict[str, str] = field(default_factory=dict)
    subjects: list[str] = field(default_factory=list)
    turns: list[tuple[str, timedelta | None, list[str]]] = field(default_factory=list)


@cache
def scenarios() -> tuple[Scenario, ...]:
    """Return every scenario of every script file; the language is the file name's part before `_`."""
    found: list[Scenario] = []
    for path in sorted(SCRIPTS.glob("*.txt")):
        if path.stem != "names":
            found += parse(path.read_text("utf-8"), language=path.stem.partition("_")[0], source=path.name)
    return tuple(found)


def parse(content: str, *, language: str, source: str) -> list[Scenario]:
    """Return the scenarios in `content`; raises ScriptError."""
    opened: list[_Open] = []
    for line in content.splitlines():
        if line.startswith("=== "):
            opened.append(_Open(line[4:].strip()))
        elif opened:
            _read(opened[-1], line, source)
    return [_finish(one, language, source) for one in opened]


def _read(scenario: _Open, line: str, source: str) -> None:
    turn = _TURN.match(line)
    if turn:
        speaker, count, unit, rest = turn.groups()
        wait = timedelta(**{_UNITS[unit]: int(count)}) if count else None
        scenario.turns.append((speaker, wait, [rest]))
    elif scenario.turns:
        scenario.turns[-1][2].append(line)
    elif line.strip():
        name, colon, value = line.partition(":")
        if not colon:
            raise ScriptError(f"{source}, {scenario.key}: not a header line: {line}")
        if name == "subject":
            scenario.subjects.append(value.strip())
        else:
            scenario.header[name] = value.strip()


def _finish(scenario: _Open, language: str, source: str) -> Scenario:
    header = scenario.header
    if "topic" not in header or not scenario.subjects or not scenario.turns or scenario.turns[0][0] != "C":
        raise ScriptError(f"{source}, {scenario.key}: needs a topic, a subject and a customer who begins")
    return Scenario(
        key=scenario.key,
        language=language,
        topic=header["topic"],
        team=header.get("team") or ("payments" if header["topic"].startswith(_PAYMENTS) else "frontline"),
        subjects=tuple(scenario.subjects),
        turns=tuple(_turn(*turn) for turn in scenario.turns),
        tags=tuple(header.get("tags", "").split()),
        priorities=tuple(header.get("priority", "normal").split()),
        assets=tuple(header.get("assets", "").split()),
        channels=tuple(header.get("channel", "").split()),
        weight=int(header.get("weight", "1")),
        end=header.get("end", "resolved"),
    )


def _turn(speaker: str, wait: timedelta | None, lines: list[str]) -> Turn:
    variants: list[list[str]] = [[]]
    for line in lines:
        if line.strip() in {"/", "//"}:
            variants.append([])
        else:
            variants[-1].append(line)
    linked = any(line.strip() == "//" for line in lines)
    return Turn(speaker, tuple(_variant(variant) for variant in variants), wait, linked)


def _variant(lines: list[str]) -> Variant:
    said = [line for line in lines if not line.startswith("@")]
    orders = [line[1:].split() for line in lines if line.startswith("@")]
    return Variant(
        text="\n".join(said).strip(),
        files=tuple(order[1] for order in orders if order[0] == "file"),
        inline=tuple(order[1] for order in orders if order[0] == "inline"),
        forward=next((order[1] for order in orders if order[0] == "forward"), ""),
        flags=frozenset(order[0] for order in orders if len(order) == 1),
    )
