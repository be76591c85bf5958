"""Rows are written in services/ (and by models' managers): one service per intention, shared by every door."""

import ast
import re
from collections.abc import Iterator

from tools.checks.tree import FLOORS, Finding, Source, Tree, called_name, calls, is_service_call, keywords, without_used

# Path → why this file outside services/ may write.
ALLOWED: dict[str, str] = {}

ALWAYS = {"bulk_create", "bulk_update", "get_or_create", "update_or_create"}
WITHOUT_POSITION = {"create", "update", "delete", "save"}
RELATIONS = {"add", "set", "remove", "clear"}
WRITING_SQL = re.compile(r"\s*(INSERT\s+INTO|UPDATE\s|DELETE\s+FROM|TRUNCATE|MERGE\s+INTO|COPY\s)", re.IGNORECASE)


def check(tree: Tree) -> Iterator[Finding]:
    """Find ORM and SQL writes in doors, effects, hands, selectors and elsewhere outside services/ and models/."""
    relations = _many_to_many_names(tree)
    used: set[str] = set()
    for source in tree.python(top=FLOORS):
        if _may_write(source):
            continue
        for call in calls(source.module):
            if is_service_call(source, call) or not (
                _writes(call) or _changes_relation(call, relations) or _executes_write(call)
            ):
                continue
            if source.path in ALLOWED:
                used.add(source.path)
                continue
            yield source.finding(
                call,
                f"`{called_name(call)}` writes rows outside services/: move it into the service of this intention "
                "(or a manager in models/), so that every door decides, audits and commits alike",
            )
    yield from without_used(ALLOWED, used, "tools/checks/house/orm_writes.py")


def _may_write(source: Source) -> bool:
    below = source.parts[1:]
    if source.floor == "core" or source.parts[:2] == ("helpdesk", "demo"):
        return True
    return any(part in {"services", "models", "migrations"} for part in below)


def _plain(name: str) -> str:
    """Name without the `a` of Django's asynchronous twin."""
    return name[1:] if name[:1] == "a" and name[1:] in ALWAYS | WITHOUT_POSITION | RELATIONS else name


def _writes(call: ast.Call) -> bool:
    if not isinstance(call.func, ast.Attribute):
        return False
    name = _plain(call.func.attr)
    if name in ALWAYS:
        return True
    if name not in WITHOUT_POSITION or call.args:
        return False
    if name == "update":
        return bool(call.keywords)
    return not (name == "save" and "commit" in keywords(call) and _is_false(call, "commit"))


def _is_false(call: ast.Call, name: str) -> bool:
    values = [keyword.value for keyword in call.keywords if keyword.arg == name]
    return any(isinstance(value, ast.Constant) and value.value is False for value in values)


def _many_to_many_names(tree: Tree) -> set[str]:
    names: set[str] = set()
    for source in tree.python(top=FLOORS):
        if "models" not in source.parts:
            continue
        for node in ast.walk(source.module):
            if (
                isinstance(node, ast.Assign)
                and isinstance(node.value, ast.Call)
                and called_name(node.value) == "ManyToManyField"
            ):
                names.update(target.id for target in node.targets if isinstance(target, ast.Name))
    return names


def _changes_relation(call: ast.Call, relations: set[str]) -> bool:
    function = call.func
    return (
        isinstance(function, ast.Attribute)
        and _plain(function.attr) in RELATIONS
        and isinstance(function.value, ast.Attribute)
        and function.value.attr in relations
    )


def _executes_write(call: ast.Call) -> bool:
    if called_name(call) not in {"execute", "executemany", "copy"} or not call.args:
        return False
    first = call.args[0]
    parts = first.values[:1] if isinstance(first, ast.JoinedStr) else [first]
    return any(
        isinstance(part, ast.Constant) and isinstance(part.value, str) and WRITING_SQL.match(part.value)
        for part in parts
    )
