"""Exports of reports: who took what, written down before the first line leaves."""

from accounts.models import Staff
from core import audit
from tickets.reports.asked import Asked, written


def record(*, by: Staff, table: str, rows: int, asked: Asked) -> None:
    """Write to the audit log that somebody takes so many rows of a table, and what was asked."""
    audit.record(
        "report.exported",
        actor=by.actor,
        obj=("report", table),
        fields=sorted(asked.only),
        detail={
            "rows": rows,
            "from": asked.first_day.isoformat(),
            "to": asked.last_day.isoformat(),
            "as_of": written(asked.as_of),
        },
    )
