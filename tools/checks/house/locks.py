"""Lock files pin exact versions by hash and name no host."""

import json
import re
from collections.abc import Iterator

from tools.checks.tree import Finding, Tree

NPM_LOCK = "frontend/package-lock.json"
PINNED = re.compile(r"^[A-Za-z0-9_.-]+(\[[\w,.-]+\])?==\S+")


def check(tree: Tree) -> Iterator[Finding]:
    """Find requirements without a hash or with an address, and npm packages without integrity or with one."""
    for path in tree.having(".txt"):
        if path.startswith("requirements/"):
            yield from _requirements(path, tree.text(path) or "")
    if "uv.lock" in tree.paths:
        yield Finding("uv.lock", 1, "uv.lock names hosts: it stays out of git")
    if NPM_LOCK in tree.paths:
        yield from _npm(tree.text(NPM_LOCK) or "{}")


def _requirements(path: str, text: str) -> Iterator[Finding]:
    number = 1
    for entry in re.split(r"(?<!\\)\n", text):
        stripped = entry.strip()
        if stripped and not stripped.startswith("#"):
            if not PINNED.match(stripped):
                yield Finding(path, number, f"{stripped.split()[0]!r} is not pinned with ==")
            elif "--hash=sha256:" not in stripped:
                yield Finding(path, number, f"{stripped.split()[0]!r} has no sha256 hash")
            if "://" in stripped:
                yield Finding(path, number, "a lock file names no host")
        number += entry.count("\n") + 1


def _npm(text: str) -> Iterator[Finding]:
    for name, package in json.loads(text).get("packages", {}).items():
        if not name or package.get("link") or package.get("inBundle"):
            continue
        if "resolved" in package or "://" in package.get("version", ""):
            yield Finding(NPM_LOCK, 1, f"{name} names a host: npm config omit-lockfile-registry-resolved=true")
        if "integrity" not in package:
            yield Finding(NPM_LOCK, 1, f"{name} has no integrity")
