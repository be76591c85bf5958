"""Every package at the root stands on a floor: an app that import-linter does not know would escape its contracts."""

import tomllib
from collections.abc import Iterator

from tools.checks.tree import Finding, Tree

BESIDE = {"tools", "tests", "bench", "sandbox", "docs", "frontend", "templates", "locale", "requirements"}


def check(tree: Tree) -> Iterator[Finding]:
    """Find root packages that the import contracts leave out, and files at the root that run as modules."""
    text = tree.text("pyproject.toml") if "pyproject.toml" in tree.paths else None
    if text is None:
        return
    listed = set(tomllib.loads(text)["tool"]["importlinter"]["root_packages"])
    packages = {path.split("/", 1)[0] for path in tree.having(".py") if "/" in path}
    for name in sorted(packages - listed - BESIDE):
        yield Finding("pyproject.toml", 1, f"package {name}/ stands on no floor: add it to [tool.importlinter]")
    for path in tree.having(".py"):
        if "/" not in path and path != "manage.py":
            yield Finding(path, 1, "no loose modules at the root: put it on a floor or under tools/")
