"""Project modules are imported at the top: an import inside a function hides a cycle from the floors."""

import ast
from collections.abc import Iterator

from tools.checks.tree import FLOORS, Finding, Source, Tree, called_name, calls, functions, without_used

# Path::function → why the import must wait.
ALLOWED: dict[str, str] = {
    "helpdesk/discord_process.py::_listen": "a large library, which a process without an account does without",
    "tools/checks/django_state.py::main": "settings and apps must be set up before anything of ours is imported",
    "tools/event_types.py::render": "a program of its own, which finds the project first",
}


def check(tree: Tree) -> Iterator[Finding]:
    """Find function-body imports of project modules, and import_module() with a project module's name."""
    used: set[str] = set()
    for source in tree.python(top=(*FLOORS, "tools", "bench")):
        for function in functions(source.module):
            if source.parts[-1] == "apps" and function.name == "ready":
                continue  # Django's own place for it: models exist only then
            for node, name in _imports(function):
                key = f"{source.path}::{function.name}"
                if key in ALLOWED:
                    used.add(key)
                    continue
                yield _finding(source, node, name, function.name)
    present = [key for key in ALLOWED if key.split("::")[0] in tree.paths]
    yield from without_used(present, used, "tools/checks/house/inline_imports.py")


def _imports(function: ast.AST) -> Iterator[tuple[ast.stmt | ast.expr, str]]:
    for node in ast.walk(function):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names if _ours(alias.name))
        elif isinstance(node, ast.ImportFrom) and (node.level or _ours(node.module or "")):
            yield node, node.module or "."
    for call in calls(function):
        if called_name(call) in {"import_module", "__import__"} and call.args:
            first = call.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str) and _ours(first.value):
                yield call, first.value


def _ours(name: str) -> bool:
    return name.split(".", 1)[0] in FLOORS


def _finding(source: Source, node: ast.stmt | ast.expr, name: str, function: str) -> Finding:
    return source.finding(
        node,
        f"{function}() imports {name} in its body: import at the top; if that makes a cycle, one of the two sits on "
        "the wrong step of the stair (wake an inbound task by its name, or let core offer a registry)",
    )
