"""Outside work waits for the commit in one place: core/after_commit.py is the only caller of on_commit."""

import ast
from collections.abc import Iterator

from tools.checks.tree import FLOORS, Finding, Tree

HOME = "core/after_commit.py"
NAMES = {"on_commit", "delay_on_commit", "apply_async_on_commit"}


def check(tree: Tree) -> Iterator[Finding]:
    """Find on_commit and Celery's twins of it anywhere in the product but their one home."""
    for source in tree.python(top=FLOORS):
        if source.path == HOME:
            continue
        for node in ast.walk(source.module):
            name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
            if isinstance(node, ast.Attribute | ast.Name) and name in NAMES:
                yield source.finding(
                    node,
                    f"`{name}` outside {HOME}: schedule through core.after_commit.after_commit (from effects.py); "
                    "a robust callback that fails there cannot lose the later ones",
                )
