"""Which attack rows there are, what docs/attacks.md says of them, and which tests carry their marks; read, not run."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]
DOCUMENT = ROOT / "docs" / "attacks.md"
TESTS = ROOT / "tests"
MARKS = ("attack", "positive_control")
ROWS = frozenset(
    {f"A{number}" for number in range(1, 17)}
    | {"B1", "B2", "B4", "B5", "B8"}
    | {f"C{number}" for number in range(1, 8)}
    | {"D1", "D2", "D3", "D4", "D5", "D6", "D7", "D8", "D9"}
    | {"E1", "E2", "E3", "E4", "E5", "E6", "E7", "E8"}
    | {"F1", "F2", "F3"}
    | {f"G{number}" for number in range(1, 7)}
    | {"H1", "H2", "H3", "H4", "H6", "H9"}
    | {"I1", "I2"}
)
# The test is only worth something when the same payload is seen to work elsewhere.
CONTROLLED = frozenset({"A1", "A2", "A3", "A7", "A8", "B1", "C1", "C3", "D1", "D3", "E2", "E5", "F1"})
_ENTRY = re.compile(r"^\| ([A-Z]\d{1,2})(★?) \|.*\|([^|]*)\|$", re.MULTILINE)
_PATH = re.compile(r"`(tests/[\w/.]+\.py)`")


@dataclass(frozen=True)
class Mark:
    """One mark on a test: `attack` or `positive_control`, the row, and the file."""

    kind: str
    row: str
    path: str


@dataclass(frozen=True)
class Entry:
    """One row of the document: its id, whether it is starred, and the files that it names."""

    row: str
    is_controlled: bool
    paths: tuple[str, ...]


def entries(document: str) -> list[Entry]:
    """Return the rows of the document's tables."""
    return [Entry(row, bool(star), tuple(_PATH.findall(held))) for row, star, held in _ENTRY.findall(document)]


def marks(folder: Path = TESTS, root: Path = ROOT) -> list[Mark]:
    """Return the marks of every test that pytest would collect below `folder`."""
    return [
        Mark(kind, row, str(path.relative_to(root)))
        for path in sorted(folder.rglob("test_*.py"))
        if "pytest.mark." in (source := path.read_text(encoding="utf-8"))
        for kind, row in _marks_of(ast.parse(source))
    ]


def _marks_of(module: ast.Module) -> Iterator[tuple[str, str]]:
    has_tests = False
    for node in module.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            has_tests = True
            for decorator in node.decorator_list:
                yield from _calls(decorator)
    for node in module.body:
        names = [target.id for target in getattr(node, "targets", ()) if isinstance(target, ast.Name)]
        if has_tests and isinstance(node, ast.Assign) and names == ["pytestmark"]:
            yield from _calls(node.value)


def _calls(tree: ast.expr) -> Iterator[tuple[str, str]]:
    """Every `pytest.mark.attack("A1")` within an expression."""
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in MARKS:
            yield from ((call.func.attr, str(word.value)) for word in call.args if isinstance(word, ast.Constant))
