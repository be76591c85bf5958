"""A worker keeps its connection to the database from one task to the next, as a web process does between requests.

Celery's own plug-in closes it before and after every task, whatever CONN_MAX_AGE says: a new connection, and a new
process of PostgreSQL, would cost more than most tasks.
"""

from functools import cached_property
from typing import TYPE_CHECKING, Any

from celery.fixups.django import DjangoFixup, DjangoWorkerFixup
from django.db import close_old_connections

if TYPE_CHECKING:
    from celery import Celery


class LastingWorkerFixup(DjangoWorkerFixup):  # type: ignore[misc]  # celery types none of it
    """Closes around a task what has failed or is older than CONN_MAX_AGE, and nothing else."""

    def close_database(self, **_: Any) -> None:
        """Look at the connections of this process, as Django does around a request."""
        close_old_connections()


class LastingFixup(DjangoFixup):  # type: ignore[misc]  # as above
    """Celery's plug-in for Django in everything else: a child of the worker still drops what its parent had open."""

    @cached_property
    def worker_fixup(self) -> LastingWorkerFixup:
        """The part that runs in a worker; made when it is first asked for, since it reads the settings."""
        return LastingWorkerFixup(self.app)


def fixup(app: "Celery") -> LastingFixup:
    """Install the plug-in, as Celery asks each of its `fixups` to."""
    made: LastingFixup = LastingFixup(app).install()
    return made
