"""A row lock says how strong it is: `no_key` is written out, whichever way."""

from collections.abc import Iterator

from tools.checks.tree import FLOORS, Finding, Tree, called_name, calls, keywords


def check(tree: Tree) -> Iterator[Finding]:
    """Find select_for_update() that leaves its strength to the default."""
    for source in tree.python(top=FLOORS):
        for call in calls(source.module):
            if called_name(call) == "select_for_update" and not keywords(call) & {"no_key", "**"}:
                yield source.finding(
                    call,
                    "select_for_update() without a stated strength: write no_key=True (children may still be "
                    "inserted) or no_key=False (nobody may even refer to the row), and of=/skip_locked= where meant",
                )
