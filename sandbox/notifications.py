"""Notifications that Pharos asks for: each kept once, under its id. They say that something is unread, never what."""

import sqlite3
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from sandbox import accounts, storage
from sandbox.problems import Problem

KINDS = ("chat.unread",)
MEMBERS = {"id", "kind", "conversation", "count"}
LONGEST = 100
MOST_SHOWN = 20


class Notifier:
    """Takes notifications, one unit of work each."""

    def take(self, work: sqlite3.Connection, account_id: str, body: Mapping[str, Any]) -> bool:
        """Keep it, and say whether it is new; raises Problem 400, 404, or 409 for another content under its id."""
        accounts.row(work, account_id)
        self.is_well_formed(body)
        known = self.known(work, body["id"])
        said = (account_id, body["kind"], body["conversation"], body["count"])
        if known is not None:
            if tuple(known) != said:
                raise Problem(HTTPStatus.CONFLICT, "conflict", "Under this id something else was said before.")
            return False
        work.execute(
            "INSERT INTO notification (id, account_id, kind, conversation, count, at) VALUES (?, ?, ?, ?, ?, ?)",
            (body["id"], *said, storage.stamp(storage.now())),
        )
        return True

    def is_well_formed(self, body: Mapping[str, Any]) -> None:
        """Refuse everything but the four members: words of a message have no place here."""
        texts = [body.get(name) for name in ("id", "conversation")]
        count = body.get("count")
        is_counted = isinstance(count, int) and not isinstance(count, bool) and count > 0
        is_named = all(isinstance(text, str) and 0 < len(text) <= LONGEST for text in texts)
        if body.keys() != MEMBERS or body["kind"] not in KINDS or not is_counted or not is_named:
            raise Problem(HTTPStatus.BAD_REQUEST, "malformed", "id, kind, conversation and count, and nothing else.")

    def known(self, work: sqlite3.Connection, notification_id: str) -> sqlite3.Row | None:
        """Return what was said under this id before."""
        found: sqlite3.Row | None = work.execute(
            "SELECT account_id, kind, conversation, count FROM notification WHERE id = ?", (notification_id,)
        ).fetchone()
        return found


def newest(work: sqlite3.Connection, account_id: str) -> list[dict[str, Any]]:
    """Return the account's latest, newest first."""
    found = work.execute(
        "SELECT conversation, count, at FROM notification WHERE account_id = ? ORDER BY at DESC LIMIT ?",
        (account_id, MOST_SHOWN),
    )
    return [dict(row) for row in found]
