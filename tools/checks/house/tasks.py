"""Celery tasks are doors or hands: in their two files, named, ids only, bounded in time, acknowledged late."""

import ast
from collections.abc import Iterator

from tools.checks.tree import FLOORS, Finding, FunctionNode, Source, Tree, functions

HOMES = {"inbound_tasks", "outbound_tasks"}
IDS = {"int", "str", "None"}
SETTINGS = "helpdesk/settings/base.py"
NEEDED = ("CELERY_TASK_ACKS_LATE", "CELERY_TASK_TIME_LIMIT", "CELERY_TASK_SOFT_TIME_LIMIT")


def check(tree: Tree) -> Iterator[Finding]:
    """Find tasks outside their files, without a name, with arguments that are not ids, or without bounds."""
    for source, function, decorator in tasks(tree):
        if not HOMES & set(source.parts):
            yield source.finding(function, f"task {function.name} belongs in inbound_tasks (a door) or outbound_tasks")
        yield from _arguments(source, function)
        yield from _options(source, function, decorator)
    if SETTINGS in tree.paths:
        yield from _defaults(tree.source(SETTINGS))


def tasks(tree: Tree) -> Iterator[tuple[Source, FunctionNode, ast.expr]]:
    """Every function decorated with shared_task or app.task, with that decorator."""
    for source in tree.python(top=FLOORS):
        for function in functions(source.module):
            for decorator in function.decorator_list:
                target = decorator.func if isinstance(decorator, ast.Call) else decorator
                name = target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")
                if name in {"shared_task", "task"}:
                    yield source, function, decorator


def _arguments(source: Source, function: FunctionNode) -> Iterator[Finding]:
    arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    if arguments and arguments[0].arg == "self":
        arguments = arguments[1:]
    for argument in arguments:
        names = (
            {node.id for node in ast.walk(argument.annotation) if isinstance(node, ast.Name)}
            if argument.annotation
            else {"?"}
        )
        if names - IDS:
            yield source.finding(
                function,
                f"task {function.name}({argument.arg}): ids only (int or str); re-read the row, never carry it",
            )
    if function.args.kwarg:
        yield source.finding(function, f"task {function.name}: name the ids instead of **{function.args.kwarg.arg}")


def _options(source: Source, function: FunctionNode, decorator: ast.expr) -> Iterator[Finding]:
    options = {k.arg: k.value for k in decorator.keywords} if isinstance(decorator, ast.Call) else {}
    if "name" not in options:
        yield source.finding(
            function, f"task {function.name} has no name=: tasks are woken by name, so a move must not rename"
        )
    for option in ("acks_late", "reject_on_worker_lost"):
        value = options.get(option)
        if isinstance(value, ast.Constant) and value.value is False:
            yield source.finding(
                function, f"task {function.name} turns {option} off: a killed worker would lose the work"
            )
    for option in ("time_limit", "soft_time_limit"):
        value = options.get(option)
        if isinstance(value, ast.Constant) and value.value is None:
            yield source.finding(
                function, f"task {function.name} has no {option}: a stuck task holds a worker for ever"
            )


def _defaults(settings: Source) -> Iterator[Finding]:
    assigned: dict[str, ast.expr] = {}
    for node in settings.module.body:
        if isinstance(node, ast.Assign):
            assigned.update({target.id: node.value for target in node.targets if isinstance(target, ast.Name)})
    for name in NEEDED:
        value = assigned.get(name)
        if value is None or (isinstance(value, ast.Constant) and not value.value):
            yield Finding(settings.path, 1, f"{name} must be set: every task is acknowledged late and bounded in time")


def task_name(decorator: ast.expr) -> str:
    """The `name=` of a task decorator, or an empty string."""
    if isinstance(decorator, ast.Call):
        for keyword in decorator.keywords:
            if keyword.arg == "name" and isinstance(keyword.value, ast.Constant):
                return str(keyword.value.value)
    return ""
