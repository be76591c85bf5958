"""The tree under check: which files belong to the project, their text and their syntax trees, read once."""

import ast
import subprocess
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath

FLOORS = ("helpdesk", "livechat", "tickets", "kb", "security", "accounts", "core")
PROJECT = (*FLOORS, "sandbox", "tools", "tests", "bench")
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, order=True)
class Finding:
    """One broken rule at one place; `message` says what to do instead."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


@dataclass(frozen=True)
class Source:
    """One Python file: its path from the root, text and syntax tree."""

    path: str
    text: str
    module: ast.Module

    @property
    def parts(self) -> tuple[str, ...]:
        """The path's parts, the last without `.py`."""
        return PurePosixPath(self.path).with_suffix("").parts

    @property
    def floor(self) -> str:
        """The top-level package."""
        return self.parts[0]

    def finding(self, node: ast.stmt | ast.expr, message: str) -> Finding:
        """Return a finding at this node."""
        return Finding(self.path, node.lineno, message)


class Tree:
    """The project's files: what git tracks or would track; for a planted copy, everything below the root."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.paths = sorted(path for path in _listed(root) if (root / path).is_file())
        self.unreadable: dict[str, Finding] = {}
        self.text = cache(self._text)
        self.source = cache(self._source)

    def having(self, *suffixes: str) -> Iterator[str]:
        """Paths that end in one of the suffixes."""
        return (path for path in self.paths if path.endswith(suffixes))

    def python(self, *, top: Iterable[str] = PROJECT) -> Iterator[Source]:
        """The Python files of these top-level packages."""
        wanted = set(top)
        for path in self.having(".py"):
            if path.split("/", 1)[0] not in wanted or path in self.unreadable:
                continue
            try:
                yield self.source(path)
            except SyntaxError as error:
                self.unreadable[path] = Finding(path, error.lineno or 1, f"not valid Python 3.11: {error.msg}")

    def _text(self, path: str) -> str | None:
        """The file's text, or None for a binary file."""
        content = (self.root / path).read_bytes()
        if b"\0" in content[:8192]:
            return None
        try:
            return content.decode()
        except UnicodeDecodeError:
            return None

    def _source(self, path: str) -> Source:
        text = (self.root / path).read_text(encoding="utf-8")
        return Source(path, text, ast.parse(text, filename=path))


Check = Callable[[Tree], Iterable[Finding]]


def _listed(root: Path) -> list[str]:
    if (root / ".git").exists():
        command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        output = subprocess.run(command, cwd=root, check=True, capture_output=True).stdout
        return [path for path in output.decode().split("\0") if path]
    return [path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()]


def calls(node: ast.AST) -> Iterator[ast.Call]:
    """Every call below this node."""
    return (child for child in ast.walk(node) if isinstance(child, ast.Call))


def functions(node: ast.AST) -> Iterator[FunctionNode]:
    """Every function and method below this node, nested ones too."""
    return (child for child in ast.walk(node) if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef))


def called_name(call: ast.Call) -> str:
    """The last name of what is called: `save` for `ticket.save()`, `_` for `_("Open")`."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def is_service_call(source: Source, call: ast.Call) -> bool:
    """Whether `module.verb(...)` calls a module that the file took from a services package."""
    receiver = call.func.value if isinstance(call.func, ast.Attribute) else None
    return isinstance(receiver, ast.Name) and receiver.id in _service_modules(source.module)


@cache
def _service_modules(module: ast.Module) -> frozenset[str]:
    imports = (node for node in ast.walk(module) if isinstance(node, ast.ImportFrom))
    taken = (node.names for node in imports if (node.module or "").rpartition(".")[2] == "services")
    return frozenset(alias.asname or alias.name for names in taken for alias in names)


def keywords(call: ast.Call) -> set[str]:
    """The names of the keyword arguments; `**` stands for an unpacked mapping."""
    return {keyword.arg or "**" for keyword in call.keywords}


def without_used(allowed: Iterable[str], used: Iterable[str], where: str) -> Iterator[Finding]:
    """Findings for entries of an allow-list that excuse nothing any more: allow-lists only shrink."""
    for entry in sorted(set(allowed) - set(used)):
        yield Finding(where, 1, f"the allow-list entry {entry!r} excuses nothing any more: remove it")
