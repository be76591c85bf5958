"""What docs/asvs.md says of each requirement of OWASP ASVS 5.0, and which tests and checks there are; read, not run."""

import ast
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache

from tests.contracts.asvs.sources import ROOT
from tools.checks.__main__ import steps

DOCUMENT = ROOT / "docs" / "asvs.md"
# Every requirement's id and level; the standard's words are not ours to repeat.
REQUIREMENTS = ROOT / "tests" / "contracts" / "asvs" / "requirements.txt"
MET, NOT_APPLICABLE, NOT_YET = "met", "not applicable", "not yet"
STATES = (MET, NOT_APPLICABLE, NOT_YET)
BEGIN, END = "<!-- summary: begin -->", "<!-- summary: end -->"
_ROW = re.compile(r"^\| (V\d+\.\d+\.\d+) \| (\d) \| ([^|]+) \| ([^|]+) \| ([^|]*) \|$", re.MULTILINE)
_TEST = re.compile(r"`(tests/[\w/]+\.py)::([\w:]+)`")
_FILE = re.compile(r"`(tests/[\w/]+(?:\.py|/))`")
_CHECKS, _STEP = "`make check`: ", re.compile(r"“([^”]+)”")


@dataclass(frozen=True)
class Entry:
    """One line of the document."""

    requirement: str
    level: str
    words: str
    state: str
    how: str

    @property
    def chapter(self) -> str:
        """The chapter, such as V6."""
        return self.requirement.partition(".")[0]

    @property
    def tests(self) -> list[tuple[str, str]]:
        """The tests that it names: file and name, with the class where there is one."""
        return _TEST.findall(self.how)

    @property
    def files(self) -> list[str]:
        """Files and folders of tests that it names as a whole."""
        return _FILE.findall(self.how)

    @property
    def checks(self) -> list[str]:
        """The steps of `make check` that it names."""
        return _STEP.findall(self.how.partition(_CHECKS)[2])


def entries(document: str) -> list[Entry]:
    """Return every line of the document's tables."""
    return [Entry(*(part.strip() for part in row)) for row in _ROW.findall(document)]


def wanted() -> dict[str, str]:
    """Return the standard's ids, each with its level."""
    lines = REQUIREMENTS.read_text(encoding="utf-8").splitlines()
    return dict(line.split() for line in lines if line and not line.startswith("#"))


@cache
def tests_of(path: str) -> frozenset[str]:
    """Return the tests that pytest would collect from a file."""
    file = ROOT / path
    return frozenset(_names(ast.parse(file.read_text(encoding="utf-8")))) if file.is_file() else frozenset()


@cache
def check_names() -> frozenset[str]:
    """Return the names of the steps of `make check`."""
    return frozenset(step.name for step in steps())


def faults(entry: Entry) -> list[str]:
    """Return what is wrong with a line: a name that leads nowhere, a state without what it needs."""
    found = [f"{path}::{name} is not there" for path, name in entry.tests if name not in tests_of(path)]
    found += [f"{path} is not there" for path in entry.files if not (ROOT / path).exists()]
    found += [f"no step {name!r}" for name in entry.checks if name not in check_names()]
    if entry.state not in STATES:
        found.append(f"{entry.state!r} is no state")
    if entry.state == MET and not entry.tests and not entry.checks:
        found.append("met by no test and no check")
    if entry.state != MET and len(entry.how) < 10:
        found.append("no reason")
    return found


def summary(lines: list[Entry]) -> str:
    """Return the table of counts by chapter and level."""
    counts = Counter((line.chapter, line.level, line.state) for line in lines)
    chapters = sorted({line.chapter for line in lines}, key=lambda name: int(name[1:]))
    head = "| chapter | " + " | ".join(f"L{level} {state}" for level in "123" for state in STATES) + " |"
    rows = [head, "|" + "---|" * 10]
    for chapter in (*chapters, "all"):
        within = [chapter] if chapter != "all" else chapters
        cells = (sum(counts[name, level, state] for name in within) for level in "123" for state in STATES)
        rows.append(f"| {chapter} | " + " | ".join(str(cell) for cell in cells) + " |")
    return "\n".join(rows)


def shown(document: str) -> str:
    """Return the summary that the document shows."""
    return document.partition(BEGIN)[2].partition(END)[0].strip()


def _names(module: ast.Module) -> list[str]:
    functions = ast.FunctionDef | ast.AsyncFunctionDef
    found = [node.name for node in module.body if isinstance(node, functions)]
    for node in module.body:
        if isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
            found += [f"{node.name}::{one.name}" for one in node.body if isinstance(one, functions)]
    return [name for name in found if name.rpartition("::")[2].startswith("test_")]
