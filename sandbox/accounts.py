"""Accounts as Pharos may see them, and freezing them."""

import base64
import sqlite3
from http import HTTPStatus
from typing import Any

from sandbox import kinds, storage
from sandbox.problems import Problem

MOVEMENT = (
    "id", "kind", "asset", "network", "amount", "hash", "confirmations", "needed", "state", "hold_reason",
    "destination", "created_at",
)  # fmt: skip
MOST_RESULTS = 200


def row(work: sqlite3.Connection, account_id: str) -> sqlite3.Row:
    """Return the account; raises Problem 404 for an unknown one."""
    found: sqlite3.Row | None = work.execute("SELECT * FROM account WHERE account_id = ?", (account_id,)).fetchone()
    if found is None:
        raise Problem(HTTPStatus.NOT_FOUND, "unknown_account", "There is no such account.")
    return found


def user_handle(account_id: str) -> str:
    """Return the passkeys' user handle, which says nothing but the opaque account id."""
    return base64.urlsafe_b64encode(account_id.encode()).rstrip(b"=").decode()


def shown(work: sqlite3.Connection, account_id: str) -> dict[str, Any]:
    """Return what Pharos may see of an account."""
    account = row(work, account_id)
    factors = work.execute(
        "SELECT factor_id, method, created_at FROM factor WHERE account_id = ? ORDER BY created_at", (account_id,)
    )
    names = ("account_id", "state", "tier", "kyc_level", "hold_reason", "frozen_at", "pharos_customer")
    return {name: account[name] for name in names} | {"factors": [dict(factor) for factor in factors]}


def transactions(work: sqlite3.Connection, account_id: str, *, digest: str, kind: str) -> list[dict[str, Any]]:
    """Return deposits and withdrawals, newest first, narrowed by hash and kind where these are given."""
    row(work, account_id)
    if kind not in {"", "deposit", "withdrawal"}:
        raise Problem(HTTPStatus.BAD_REQUEST, "malformed", "kind is deposit or withdrawal.")
    found = work.execute(
        "SELECT * FROM movement WHERE account_id = :account AND (:hash = '' OR hash = :hash) "
        "AND (:kind = '' OR kind = :kind) ORDER BY created_at DESC LIMIT :most",
        {"account": account_id, "hash": digest, "kind": kind, "most": MOST_RESULTS},
    )
    return [{name: movement[name] for name in MOVEMENT} for movement in found]


def freeze(work: sqlite3.Connection, account_id: str, *, reason: str, source: str) -> str:
    """Freeze the account: its sessions end, its password has to be reset, it can do nothing but be unfrozen.

    Returns since when; freezing a frozen account changes nothing.
    """
    account = row(work, account_id)
    if account["state"] == "frozen":
        return str(account["frozen_at"])
    if account["state"] == "closed":
        raise Problem(HTTPStatus.CONFLICT, "state", "The account is closed.")
    moment = storage.stamp(storage.now())
    work.execute(
        "UPDATE account SET state = 'frozen', frozen_at = ?, hold_reason = ?, frozen_by = ?, must_reset_password = 1 "
        "WHERE account_id = ?",
        (moment, reason, source, account_id),
    )
    kinds.end_sessions(work, account_id)
    return moment
