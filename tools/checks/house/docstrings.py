"""One line on top of each module says what lives here; a model says what a row is; a service what it promises."""

import ast
from collections.abc import Iterator

from tools.checks.tree import FLOORS, Finding, Source, Tree

PROMISING = {"services", "selectors", "effects"}


def check(tree: Tree) -> Iterator[Finding]:
    """Find modules, models, services and selectors that do not say what they are, and files that are no Python."""
    for source in tree.python():
        if not source.text.strip() or "migrations" in source.parts:
            continue
        if not ast.get_docstring(source.module):
            yield Finding(source.path, 1, "no module docstring: one line on what lives here and what does not")
        if source.floor in FLOORS:
            yield from _models(source)
            yield from _promises(source)
    yield from tree.unreadable.values()


def _models(source: Source) -> Iterator[Finding]:
    if "models" not in source.parts:
        return
    for node in source.module.body:
        if isinstance(node, ast.ClassDef) and _is_model(node) and not ast.get_docstring(node):
            yield source.finding(node, f"model {node.name} has no docstring: answer “what is a row?”")


def _is_model(node: ast.ClassDef) -> bool:
    names = {ast.unparse(base).rsplit(".", 1)[-1] for base in node.bases}
    return bool(names & {"Model", "Leased", "AbstractBaseUser", "AbstractUser"})


def _promises(source: Source) -> Iterator[Finding]:
    if not PROMISING & set(source.parts):
        return
    for node in source.module.body:
        if (
            isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and not node.name.startswith("_")
            and not ast.get_docstring(node)
        ):
            yield source.finding(node, f"{node.name}() has no docstring: what it promises, units, what it raises")
