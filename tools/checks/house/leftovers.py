"""Nothing half-done stays: no note to nobody, no commented-out markup or script, no unexplained exception to a rule."""

import re
from collections.abc import Iterator

from tools.checks.tree import Finding, Tree

SUFFIXES = (
    ".py",
    ".html",
    ".txt",
    ".ts",
    ".css",
    ".md",
    ".toml",
    ".yml",
    ".yaml",
    ".sh",
    ".sql",
    "Makefile",
    "Dockerfile",
)
NOT_OURS = ("tests/corpus/", "requirements/", "tests/contracts/house/")  # mail of others, locks, planted faults
OWNERLESS = re.compile(r"\b(T[O]DO|F[I]XME|X[X]X|H[A]CK)\b(?!\([a-z][\w.-]*\))")
MARKUP_COMMENTED = re.compile(r"\{#\s*(<\w+|\{%|\{\{)|<!--(?!\[if)")
SCRIPT_COMMENTED = re.compile(r"^\s*//\s*(const |let |var |import |export |return\b|if \(|[\w.]+\(.*\);\s*$|\}\s*$)")
UNEXPLAINED = re.compile(r"#\s*(noqa(:[\sA-Z0-9,]*)?|type:\s*ignore)\s*$")


def check(tree: Tree) -> Iterator[Finding]:
    """Find notes to nobody, dead markup and script, `noqa` without a reason and `type: ignore` without a code."""
    for path in tree.having(*SUFFIXES):
        if path.startswith(NOT_OURS):
            continue
        for number, line in enumerate((tree.text(path) or "").splitlines(), 1):
            yield from (Finding(path, number, message) for message in _messages(path, line))


def _messages(path: str, line: str) -> Iterator[str]:
    if found := OWNERLESS.search(line):
        yield f"{found[1]} without an owner: do it, drop it, or write {found[1]}(name): what and when"
    if path.endswith(".html") and MARKUP_COMMENTED.search(line):
        yield "commented-out markup (or an HTML comment that travels to the reader): delete it, git remembers"
    if path.endswith(".ts") and SCRIPT_COMMENTED.search(line):
        yield "commented-out code: delete it, git remembers"
    if path.endswith(".py") and UNEXPLAINED.search(line):
        yield "an exception to a rule says why: `# noqa: RULE -- reason`, `# type: ignore[code]`"
