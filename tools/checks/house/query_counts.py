"""A query budget that is not entered with `with` asserts nothing."""

import ast
from collections.abc import Iterator

from tools.checks.tree import Finding, Tree, called_name

CONTEXTS = {
    "assertNumQueries": 2,
    "django_assert_num_queries": 99,
    "django_assert_max_num_queries": 99,
    "CaptureQueriesContext": 99,
}


def check(tree: Tree) -> Iterator[Finding]:
    """Find query budgets called as bare statements."""
    for source in tree.python():
        for node in ast.walk(source.module):
            if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)):
                continue
            name = called_name(node.value)
            if name in CONTEXTS and len(node.value.args) < CONTEXTS[name]:
                yield source.finding(node, f"`{name}` without `with` asserts nothing: write `with {name}(...):`")
