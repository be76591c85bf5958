"""Arguments of services never change places: what could be mistaken for its neighbour is given by keyword."""

import ast
from collections import Counter
from collections.abc import Iterator

from tools.checks.tree import FLOORS, Finding, FunctionNode, Tree


def check(tree: Tree) -> Iterator[Finding]:
    """Find public functions of services/ with two positional arguments of the same type, or more than three."""
    for source in tree.python(top=FLOORS):
        if "services" not in source.parts[1:]:
            continue
        public = (node for node in source.module.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
        for node in public:
            mistakable = [] if node.name.startswith("_") else _mistakable(node)
            if mistakable:
                yield source.finding(node, f"{node.name}({', '.join(mistakable)}): begin the arguments with *")


def _mistakable(function: FunctionNode) -> list[str]:
    """Positional arguments that share their annotation with another, or all when there are more than three."""
    positional = [*function.args.posonlyargs, *function.args.args]
    types = [ast.unparse(argument.annotation) if argument.annotation else "" for argument in positional]
    counted = Counter(types)
    if len(positional) > 3:
        return [argument.arg for argument in positional]
    return [argument.arg for argument, name in zip(positional, types, strict=True) if counted[name] > 1]
