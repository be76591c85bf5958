"""A file is named for what lives in it: names that promise nothing are refused."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from tools.checks.tree import Finding, Tree

EMPTY = {"util", "utils", "helper", "helpers", "manager", "managers", "misc", "common", "stuff", "tools2", "various"}
GENERATED_MIGRATION = re.compile(r"/migrations/\d{4}_auto_")


def check(tree: Tree) -> Iterator[Finding]:
    """Find modules, folders, templates and styles whose name says nothing, and migrations that kept theirs."""
    for path in tree.having(".py", ".ts", ".html", ".css", ".txt", ".sh"):
        pure = PurePosixPath(path)
        for part in (*pure.parts[:-1], pure.name.split(".", 1)[0]):
            if part.lower().strip("_") in EMPTY:
                yield Finding(path, 1, f"{part!r} says nothing: name the file after the thing or act it holds")
        if GENERATED_MIGRATION.search(path):
            yield Finding(path, 1, "a migration is named after what it does (0007_ticket_reopened_at)")
