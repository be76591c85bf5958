"""What each kind of action does to an account: checked wholly before anything is written."""

import re
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from sandbox import storage
from sandbox.problems import Refused

# Shapes of addresses by network: a real exchange asks its wallet.
DESTINATIONS = {
    "bitcoin": re.compile(r"bc1[02-9ac-hj-np-z]{11,71}|[13][1-9A-HJ-NP-Za-km-z]{25,34}"),
    "ethereum": re.compile(r"0x[0-9a-fA-F]{40}"),
    "tron": re.compile(r"T[1-9A-HJ-NP-Za-km-z]{33}"),
}
MAIL_ADDRESS = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}\.[^@\s]{2,60}")
PHONE = re.compile(r"\+[0-9][0-9 ]{6,20}")
# Leaves the account.
OUTFLOWS = ("withdrawal_release", "refund", "balance_adjustment")


@dataclass(frozen=True)
class Ask:
    """One action as it was sent, its amount as a number."""

    action_id: str
    account: sqlite3.Row
    kind: str
    operation: str
    subject: str
    asset: str
    network: str
    amount: Decimal
    destination: str
    tag: str

    @property
    def account_id(self) -> str:
        """Whose account."""
        return str(self.account["account_id"])


Effect = Callable[[sqlite3.Connection, Ask, str], None]


def withdrawal_release(work: sqlite3.Connection, ask: Ask, reference: str) -> None:
    """Send a withdrawal that is held, exactly as the customer asked for it."""
    row = _movement(work, ask, kind="withdrawal", state="held")
    if (row["asset"], row["network"], Decimal(row["amount"])) != (ask.asset, ask.network, ask.amount):
        raise Refused("state", "The held withdrawal is of another asset, network or amount.")
    if row["destination"] != ask.destination:
        raise Refused("destination", "The held withdrawal goes to another address.")
    _debit(work, ask, reference)
    work.execute("UPDATE movement SET state = 'sent', hold_reason = '' WHERE id = ?", (ask.subject,))


def refund(work: sqlite3.Connection, ask: Ask, reference: str) -> None:
    """Pay out of the account."""
    _check_address(ask)
    _debit(work, ask, reference)


def balance_adjustment(work: sqlite3.Connection, ask: Ask, reference: str) -> None:
    """Credit or debit the account."""
    if ask.operation == "debit":
        _debit(work, ask, reference)
    elif ask.operation == "credit":
        _book(work, ask, reference, ask.amount)
    else:
        raise Refused("state", "An adjustment is a credit or a debit.")


def deposit_recovery(work: sqlite3.Connection, ask: Ask, reference: str) -> None:
    """Send a deposit that was not credited to the address the customer names."""
    row = _movement(work, ask, kind="deposit", state="unmatched")
    if (row["asset"], Decimal(row["amount"])) != (ask.asset, ask.amount):
        raise Refused("state", "The deposit is of another asset or amount.")
    _check_address(ask)
    work.execute("UPDATE movement SET state = 'recovered', hold_reason = '' WHERE id = ?", (ask.subject,))


def address_change(work: sqlite3.Connection, ask: Ask, reference: str) -> None:
    """Replace the payout addresses of one asset and network by one."""
    _check_address(ask)
    work.execute(
        "DELETE FROM payout_address WHERE account_id = ? AND asset = ? AND network = ?",
        (ask.account_id, ask.asset, ask.network),
    )
    _add_address(work, ask)


def allow_list_change(work: sqlite3.Connection, ask: Ask, reference: str) -> None:
    """Add or remove a payout address."""
    if ask.operation == "add":
        _check_address(ask)
        _add_address(work, ask)
        return
    if ask.operation != "remove":
        raise Refused("state", "An address is added or removed.")
    gone = work.execute(
        "DELETE FROM payout_address WHERE account_id = ? AND asset = ? AND network = ? AND destination = ? AND tag = ?",
        (ask.account_id, ask.asset, ask.network, ask.destination, ask.tag),
    )
    if not gone.rowcount:
        raise Refused("destination", "The address is not on the list.")


def mfa_reset(work: sqlite3.Connection, ask: Ask, reference: str) -> None:
    """Remove every factor of the account and end its sessions."""
    work.execute("DELETE FROM factor WHERE account_id = ?", (ask.account_id,))
    end_sessions(work, ask.account_id)


def factor_change(work: sqlite3.Connection, ask: Ask, reference: str) -> None:
    """Remove the factor named, or let one that is being enrolled count."""
    if ask.operation == "remove":
        gone = work.execute("DELETE FROM factor WHERE account_id = ? AND factor_id = ?", (ask.account_id, ask.subject))
        if not gone.rowcount:
            raise Refused("state", "The account has no such factor.")
    elif ask.operation != "add":
        raise Refused("state", "A factor is added or removed.")


def email_change(work: sqlite3.Connection, ask: Ask, reference: str) -> None:
    """Change the registered email address."""
    taken = work.execute("SELECT 1 FROM account WHERE email = ?", (ask.destination,)).fetchone()
    if taken or not MAIL_ADDRESS.fullmatch(ask.destination):
        raise Refused("destination", "The email address cannot be used.")
    work.execute("UPDATE account SET email = ? WHERE account_id = ?", (ask.destination, ask.account_id))


def phone_change(work: sqlite3.Connection, ask: Ask, reference: str) -> None:
    """Change the registered phone number."""
    if not PHONE.fullmatch(ask.destination):
        raise Refused("destination", "The phone number cannot be used.")
    work.execute("UPDATE account SET phone = ? WHERE account_id = ?", (ask.destination, ask.account_id))


def unfreeze(work: sqlite3.Connection, ask: Ask, reference: str) -> None:
    """Let a frozen account act again; its password stays to be reset."""
    if ask.account["state"] != "frozen":
        raise Refused("state", "The account is not frozen.")
    work.execute(
        "UPDATE account SET state = 'active', frozen_at = NULL, frozen_by = '', hold_reason = '' WHERE account_id = ?",
        (ask.account_id,),
    )


def limit_raise(work: sqlite3.Connection, ask: Ask, reference: str) -> None:
    """Raise what may leave in a day, and in one action."""
    _, per_day = ceilings(work, ask)
    if ask.amount <= per_day:
        raise Refused("state", "That is no raise.")
    work.execute(
        "INSERT INTO ceiling VALUES (?, ?, ?, ?) ON CONFLICT (account_id, asset) DO UPDATE "
        "SET per_action = excluded.per_action, per_day = excluded.per_day",
        (ask.account_id, ask.asset, str(ask.amount), str(ask.amount)),
    )


@dataclass(frozen=True)
class Kind:
    """What an action of a kind carries, and what it does."""

    effect: Effect
    has_amount: bool = False
    has_destination: bool = False
    has_subject: bool = False
    has_operation: bool = False


KINDS = {
    "withdrawal_release": Kind(withdrawal_release, has_amount=True, has_destination=True, has_subject=True),
    "address_change": Kind(address_change, has_destination=True),
    "allow_list_change": Kind(allow_list_change, has_destination=True, has_operation=True),
    "deposit_recovery": Kind(deposit_recovery, has_amount=True, has_destination=True, has_subject=True),
    "mfa_reset": Kind(mfa_reset),
    "factor_change": Kind(factor_change, has_subject=True, has_operation=True),
    "email_change": Kind(email_change, has_destination=True),
    "phone_change": Kind(phone_change, has_destination=True),
    "unfreeze": Kind(unfreeze),
    "limit_raise": Kind(limit_raise, has_amount=True),
    "refund": Kind(refund, has_amount=True, has_destination=True, has_subject=True),
    "balance_adjustment": Kind(balance_adjustment, has_amount=True, has_subject=True, has_operation=True),
}


def check_shape(ask: Ask) -> Kind:
    """Return the kind; raises Refused when it is unknown, or when the action carries less or more than its kind."""
    kind = KINDS.get(ask.kind)
    if kind is None:
        raise Refused("unknown_kind", "Actions of this kind are not known here.")
    carried = (ask.amount > 0, bool(ask.destination), bool(ask.subject), bool(ask.operation))
    if carried != (kind.has_amount, kind.has_destination, kind.has_subject, kind.has_operation):
        raise Refused("state", "The action carries less or more than its kind.")
    if kind.has_amount and not ask.asset:
        raise Refused("state", "An amount without an asset.")
    return kind


def end_sessions(work: sqlite3.Connection, account_id: str) -> None:
    """End every session of the account, and every hand-off that one of them began."""
    work.execute("DELETE FROM session WHERE account_id = ?", (account_id,))
    work.execute("DELETE FROM hand_off WHERE account_id = ?", (account_id,))


def ceilings(work: sqlite3.Connection, ask: Ask) -> tuple[Decimal, Decimal]:
    """Return what may leave in one action and in 24 hours; nothing where no limit is stated."""
    row = work.execute(
        "SELECT per_action, per_day FROM ceiling WHERE account_id = ? AND asset = ?", (ask.account_id, ask.asset)
    ).fetchone()
    return (Decimal(row["per_action"]), Decimal(row["per_day"])) if row else (Decimal(0), Decimal(0))


def _debit(work: sqlite3.Connection, ask: Ask, reference: str) -> None:
    per_action, per_day = ceilings(work, ask)
    since = storage.stamp(storage.now() - timedelta(days=1))
    rows = work.execute(
        "SELECT change FROM entry WHERE account_id = ? AND asset = ? AND at > ?", (ask.account_id, ask.asset, since)
    ).fetchall()
    gone = -sum((min(Decimal(row["change"]), Decimal(0)) for row in rows), Decimal(0))
    if ask.amount > per_action or gone + ask.amount > per_day:
        raise Refused("limits", "More than may leave this account.")
    if ask.amount > _balance(work, ask):
        raise Refused("balance", "The account does not hold that much.")
    _book(work, ask, reference, -ask.amount)


def _book(work: sqlite3.Connection, ask: Ask, reference: str, change: Decimal) -> None:
    work.execute(
        "INSERT INTO balance VALUES (?, ?, ?) ON CONFLICT (account_id, asset) DO UPDATE SET amount = excluded.amount",
        (ask.account_id, ask.asset, str(_balance(work, ask) + change)),
    )
    work.execute(
        "INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?)",
        (reference, ask.action_id, ask.account_id, ask.asset, str(change), storage.stamp(storage.now())),
    )


def _balance(work: sqlite3.Connection, ask: Ask) -> Decimal:
    row = work.execute(
        "SELECT amount FROM balance WHERE account_id = ? AND asset = ?", (ask.account_id, ask.asset)
    ).fetchone()
    return Decimal(row["amount"]) if row else Decimal(0)


def _movement(work: sqlite3.Connection, ask: Ask, *, kind: str, state: str) -> sqlite3.Row:
    row: sqlite3.Row | None = work.execute(
        "SELECT * FROM movement WHERE id = ? AND account_id = ? AND kind = ? AND state = ?",
        (ask.subject, ask.account_id, kind, state),
    ).fetchone()
    if row is None:
        raise Refused("state", f"The account has no {kind} of that id that is {state}.")
    return row


def _check_address(ask: Ask) -> None:
    shape = DESTINATIONS.get(ask.network.lower())
    if shape is None or not shape.fullmatch(ask.destination):
        raise Refused("destination", "No address of that network.")


def _add_address(work: sqlite3.Connection, ask: Ask) -> None:
    work.execute(
        "INSERT OR IGNORE INTO payout_address VALUES (?, ?, ?, ?, ?)",
        (ask.account_id, ask.asset, ask.network, ask.destination, ask.tag),
    )
