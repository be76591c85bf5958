"""A saved row names its columns: save() without update_fields overwrites what others changed meanwhile."""

import ast
from collections.abc import Iterator

from tools.checks.tree import FLOORS, Finding, FunctionNode, Tree, calls, functions, is_service_call, keywords


def check(tree: Tree) -> Iterator[Finding]:
    """Find save() and asave() without update_fields on rows that this function did not just make."""
    for source in tree.python(top=FLOORS):
        if "migrations" in source.parts:
            continue
        for function in functions(source.module):
            new = _made_here(function)
            for call in calls(function):
                if _saves_whole_row(call) and _receiver(call) not in new and not is_service_call(source, call):
                    yield source.finding(
                        call,
                        "save() without update_fields writes every column back as it was read: name the columns "
                        "(update_fields=[...]); on creation use create() or force_insert=True",
                    )


def _saves_whole_row(call: ast.Call) -> bool:
    if not (isinstance(call.func, ast.Attribute) and call.func.attr in {"save", "asave"}) or call.args:
        return False
    if isinstance(call.func.value, ast.Call) and isinstance(call.func.value.func, ast.Name):
        made = call.func.value.func.id
        return not (made == "super" or made[:1].isupper())
    return not keywords(call) & {"update_fields", "force_insert", "commit", "**"}


def _receiver(call: ast.Call) -> str:
    return ast.unparse(call.func.value) if isinstance(call.func, ast.Attribute) else ""


def _made_here(function: FunctionNode) -> set[str]:
    """Names bound in this function to `Something(...)`: new rows and forms, which have no older state to lose."""
    made: set[str] = set()
    for node in ast.walk(function):
        if not (isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Call)):
            continue
        called = node.value.func
        name = called.id if isinstance(called, ast.Name) else called.attr if isinstance(called, ast.Attribute) else ""
        if name[:1].isupper() or name == "model":  # self.model(...) in a manager
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            made.update(ast.unparse(target) for target in targets)
    return made
