"""The tail is capped: a function fits on a screen, a file in a head. Soft caps are reported, hard caps fail."""

import ast
from collections.abc import Iterator

from tools.checks.tree import Finding, FunctionNode, Tree, functions, without_used

FUNCTION_SOFT, FUNCTION_HARD = 50, 80
FILE_SOFT, FILE_HARD = 400, 800
TEMPLATE_HARD = 150
TYPESCRIPT_HARD = 150

# Path or path::function → its lines today. Entries are only lowered or removed.
ALLOWED: dict[str, int] = {}


def check(tree: Tree) -> Iterator[Finding]:
    """Find functions, files, templates and TypeScript modules over their hard cap."""
    used: set[str] = set()
    for key, path, line, lines, cap in _measured(tree):
        if lines <= cap:
            continue
        allowed = ALLOWED.get(key, 0)
        if key in ALLOWED:
            used.add(key)
        if lines > allowed:
            yield Finding(path, line, f"{key} has {lines} lines, the cap is {allowed or cap}: split it by meaning")
        elif lines < allowed:
            yield Finding(path, line, f"{key} shrank to {lines} lines: lower its entry in sizes.ALLOWED")
    yield from without_used(ALLOWED, used, "tools/checks/house/sizes.py")


def over_soft_caps(tree: Tree) -> list[str]:
    """Return lines for the report: what is over a soft cap and not over the hard one."""
    notes = []
    for key, _path, _line, lines, cap in _measured(tree):
        soft = {FUNCTION_HARD: FUNCTION_SOFT, FILE_HARD: FILE_SOFT}.get(cap, cap)
        if soft < lines <= cap:
            notes.append(f"{key}: {lines} lines (soft cap {soft})")
    return notes


def _measured(tree: Tree) -> Iterator[tuple[str, str, int, int, int]]:
    for source in tree.python():
        if "migrations" in source.parts and source.parts[-1].startswith("0001_"):
            continue  # generated, and never grows again
        yield source.path, source.path, 1, source.text.count("\n"), FILE_HARD
        for function in functions(source.module):
            key = f"{source.path}::{function.name}"
            yield key, source.path, function.lineno, function_lines(function), FUNCTION_HARD
    for path in tree.having(".html"):
        if not path.startswith(("tests/", "docs/")):
            yield path, path, 1, (tree.text(path) or "").count("\n"), TEMPLATE_HARD
    for path in tree.having(".ts"):
        text = tree.text(path) or ""
        if not path.endswith((".test.ts", ".d.ts")) and "generated" not in text[:200].lower():
            yield path, path, 1, text.count("\n"), TYPESCRIPT_HARD


def function_lines(function: FunctionNode) -> int:
    """Lines from `def` to the end, without the docstring."""
    first = function.body[0]
    docstring = 0
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        docstring = (first.end_lineno or first.lineno) - first.lineno + 1
    return (function.end_lineno or function.lineno) - function.lineno + 1 - docstring
