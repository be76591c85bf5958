"""The only caller of transaction.on_commit.

A named inner function, never functools.partial: on Django 5.2 a failing partial with robust=True
loses the callbacks behind it, because the logger reads `__qualname__`.
"""

from collections.abc import Callable
from typing import ParamSpec

import structlog
from django.db import transaction

log = structlog.get_logger(__name__)
P = ParamSpec("P")


def after_commit(name: str, function: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> None:
    """Run `function` once the surrounding transaction has committed; a failure is logged, never raised.

    What must happen has a row; this is only the fast path to it.
    """

    def run_after_commit() -> None:
        try:
            function(*args, **kwargs)
        except Exception:
            log.exception("after_commit_failed", effect=name)

    transaction.on_commit(run_after_commit, robust=True)
