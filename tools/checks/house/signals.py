"""Signals carry none of our workflow: what follows from a change is written where the change is made."""

import ast
from collections.abc import Iterator

from tools.checks.tree import FLOORS, Finding, Tree, called_name

MODEL_SIGNALS = {
    "pre_save", "post_save", "pre_delete", "post_delete", "m2m_changed", "pre_init", "post_init", "class_prepared",
}  # fmt: skip


def check(tree: Tree) -> Iterator[Finding]:
    """Find model signals, signals of our own, and models that act in save() or delete()."""
    for source in tree.python(top=FLOORS):
        for node in ast.walk(source.module):
            name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
            if isinstance(node, ast.Attribute | ast.Name) and name in MODEL_SIGNALS:
                yield source.finding(
                    node, f"{name}: call the consequence from the service, or schedule it in effects.py"
                )
            if isinstance(node, ast.Call) and called_name(node) == "Signal":
                yield source.finding(node, "a signal of our own hides who calls whom: call the service or wake a task")
            if "models" in source.parts and isinstance(node, ast.FunctionDef) and node.name in {"save", "delete"}:
                yield source.finding(
                    node, f"no logic in {node.name}(): bulk writes pass it by; use a constraint or a service"
                )
