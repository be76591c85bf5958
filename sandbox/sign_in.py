"""Signing in at the exchange's site: a password and a simulated second factor, in one step; sessions of 12 hours."""

import hashlib
import hmac
import json
import secrets
import sqlite3
from datetime import timedelta

from sandbox import passwords, storage

LIFE = timedelta(hours=12)
# The second factor is simulated: this code is shown on the page. The sandbox moves no money.
DEMO_CODE = "246810"
AMR = ("pwd", "otp", "mfa")
FAILURES = 10
FAILURE_WINDOW = timedelta(minutes=5)
SHORTEST_PASSWORD = 8


class NotSignedIn(Exception):
    """Password or code is wrong, or there were too many failures; the page says which of the two kinds."""


class TooManyFailures(NotSignedIn):
    """Wait a few minutes."""


class PasswordReset(Exception):
    """The account was frozen: a new password is asked for."""


def begin(work: sqlite3.Connection, *, email: str, password: str, code: str, new_password: str = "") -> str | None:
    """Open a session and return its token, or None for a wrong password or code, which is counted.

    Raises TooManyFailures, and PasswordReset until the account's person chooses another password.
    """
    moment = storage.now()
    since = storage.stamp(moment - FAILURE_WINDOW)
    failed = work.execute("SELECT count(*) FROM failed_sign_in WHERE email = ? AND at > ?", (email, since)).fetchone()
    if failed[0] >= FAILURES:
        raise TooManyFailures
    account = work.execute("SELECT * FROM account WHERE email = ? AND state <> 'closed'", (email,)).fetchone()
    right = passwords.matches(password, account["password"] if account else "")
    if not (right and hmac.compare_digest(code.encode(), DEMO_CODE.encode())):
        work.execute("INSERT INTO failed_sign_in VALUES (?, ?)", (email, storage.stamp(moment)))
        return None
    if account["must_reset_password"]:
        _reset(work, account["account_id"], password, new_password)
    token = secrets.token_urlsafe(32)
    work.execute("DELETE FROM session WHERE expires_at < ?", (storage.stamp(moment),))
    work.execute(
        "INSERT INTO session VALUES (?, ?, ?, ?, ?)",
        (hashed(token), account["account_id"], int(moment.timestamp()), json.dumps(AMR), storage.stamp(moment + LIFE)),
    )
    return token


def session(work: sqlite3.Connection, token: str) -> sqlite3.Row | None:
    """Return the session with its account's name and state, None when there is no such session."""
    found: sqlite3.Row | None = work.execute(
        "SELECT session.*, account.name, account.email, account.state, account.hold_reason FROM session "
        "JOIN account USING (account_id) WHERE token_hash = ? AND expires_at > ?",
        (hashed(token), storage.stamp(storage.now())),
    ).fetchone()
    return found


def end(work: sqlite3.Connection, token: str) -> None:
    """End one session, and the hand-offs it began."""
    work.execute("DELETE FROM hand_off WHERE session_hash = ?", (hashed(token),))
    work.execute("DELETE FROM session WHERE token_hash = ?", (hashed(token),))


def hashed(token: str) -> str:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def _reset(work: sqlite3.Connection, account_id: str, password: str, new_password: str) -> None:
    if len(new_password) < SHORTEST_PASSWORD or new_password == password:
        raise PasswordReset
    work.execute(
        "UPDATE account SET password = ?, must_reset_password = 0 WHERE account_id = ?",
        (passwords.protect(new_password), account_id),
    )
