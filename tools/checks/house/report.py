"""Runs every house check on a tree and prints what each found: `python -m tools.checks.house.report`."""

import sys
import time
from pathlib import Path

from tools.checks.house import (
    database_clock,
    docstrings,
    floors_listed,
    foreign_words,
    inline_imports,
    keyword_only,
    leftovers,
    lock_strength,
    locks,
    names,
    on_commit,
    orm_writes,
    query_counts,
    secrets,
    settings_known,
    signals,
    sizes,
    tasks,
    templates,
    translations,
    update_fields,
)
from tools.checks.tree import Check, Tree

CHECKS: dict[str, Check] = {
    "database_clock": database_clock.check,
    "docstrings": docstrings.check,
    "floors_listed": floors_listed.check,
    "foreign_words": foreign_words.check,
    "inline_imports": inline_imports.check,
    "keyword_only": keyword_only.check,
    "leftovers": leftovers.check,
    "lock_strength": lock_strength.check,
    "locks": locks.check,
    "names": names.check,
    "on_commit": on_commit.check,
    "orm_writes": orm_writes.check,
    "query_counts": query_counts.check,
    "secrets": secrets.check,
    "settings_known": settings_known.check,
    "signals": signals.check,
    "sizes": sizes.check,
    "tasks": tasks.check,
    "templates": templates.check,
    "translations": translations.check,
    "update_fields": update_fields.check,
}


def main() -> int:
    """Run the checks named as arguments, or all; return 1 when one found something."""
    tree = Tree(Path.cwd())
    failed = 0
    for name in sys.argv[1:] or sorted(CHECKS):
        started = time.perf_counter()
        findings = sorted(CHECKS[name](tree))
        failed += bool(findings)
        print(f"  {'FAIL' if findings else 'ok  '} {name} ({time.perf_counter() - started:.1f} s)")
        for finding in findings:
            print(f"    {finding}")
    notes = sizes.over_soft_caps(tree)
    if notes:
        print(f"  note: {len(notes)} over a soft cap: " + "; ".join(notes))
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
