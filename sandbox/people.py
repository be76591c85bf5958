"""The sandbox's customers: a few of the demo's, by the same names and addresses, each with an account."""

import hashlib
import sqlite3
from dataclasses import dataclass
from datetime import timedelta

from sandbox import passwords, storage

PASSWORD = "lighthouse"  # noqa: S105 -- printed on the sign-in page: the sandbox moves no money
FULL = {"BTC": "3.250000000000000000", "ETH": "18.000000000000000000", "USDT": "26400.000000000000000000"}
SMALL = {"BTC": "0.180000000000000000", "USDT": "940.000000000000000000"}
BITCOIN = "bc1qxy2kgdygjrsqtzq2n0yrf2493p83kkfjhx0wlh"
ETHEREUM = "0x52908400098527886E0F7030069857D2E4169EE7"


@dataclass(frozen=True)
class Movement:
    """A deposit or withdrawal of a seeded account."""

    kind: str
    asset: str
    network: str
    amount: str
    state: str
    destination: str
    confirmations: int = 0
    needed: int = 0
    hold_reason: str = ""
    hours_ago: int = 5


@dataclass(frozen=True)
class Person:
    """One customer with an account."""

    name: str
    email: str
    locale: str
    zoneinfo: str
    tier: str
    kyc_level: int
    balances: dict[str, str]
    movements: tuple[Movement, ...] = ()

    @property
    def account_id(self) -> str:
        """The account's id, which follows from the address."""
        return account_id_of(self.email)


def account_id_of(email: str) -> str:
    """Return the id of the account seeded for an address."""
    return f"acc_{hashlib.sha256(email.encode()).hexdigest()[:16]}"


HELD = Movement(
    "withdrawal", "BTC", "bitcoin", "0.400000000000000000", "held", BITCOIN, hold_reason="new_address", hours_ago=3
)
SENT = Movement(
    "withdrawal", "USDT", "ethereum", "1250.000000000000000000", "sent", ETHEREUM, confirmations=41, needed=12,
    hours_ago=51,
)  # fmt: skip
PENDING = Movement(
    "deposit", "BTC", "bitcoin", "0.075000000000000000", "confirming", BITCOIN, confirmations=1, needed=3, hours_ago=1
)
UNMATCHED = Movement(
    "deposit", "USDT", "ethereum", "500.000000000000000000", "unmatched", ETHEREUM, confirmations=90, needed=12,
    hold_reason="missing_tag", hours_ago=30,
)  # fmt: skip
PEOPLE = (
    Person("Fiona Dunmore", "fiona_dunmore@example.com", "en", "Europe/London", "gold", 2, FULL, (HELD, SENT)),
    Person("Imogen Whitlock", "imogenwhitlock@example.com", "en", "Europe/London", "standard", 1, SMALL, (PENDING,)),
    Person("林婉婷", "w.lin@inbox.test", "zh-Hans", "Asia/Shanghai", "gold", 2, FULL, (HELD, UNMATCHED)),
    Person("Lucía Cifuentes", "lucia87@mail.example.com", "es", "Europe/Madrid", "standard", 2, FULL, (UNMATCHED,)),
    Person("Henrik Stellmacher", "henrikstellmacher@example.org", "de", "Europe/Berlin", "vip", 3, FULL, (SENT, HELD)),
    Person("Niamh Wexley", "wexley.niamh@mail.example.com", "en", "Europe/London", "standard", 1, SMALL),
)


def seed(work: sqlite3.Connection) -> int:
    """Add those who are missing; returns how many. Those who are there keep what they have."""
    known = {row[0] for row in work.execute("SELECT account_id FROM account")}
    missing = [person for person in PEOPLE if person.account_id not in known]
    for person in missing:
        open_account(work, person)
    return len(missing)


def open_account(work: sqlite3.Connection, person: Person) -> None:
    """Open one account."""
    work.execute(
        "INSERT INTO account (account_id, email, name, locale, zoneinfo, password, tier, kyc_level) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            person.account_id, person.email, person.name, person.locale, person.zoneinfo, passwords.protect(PASSWORD),
            person.tier, person.kyc_level,
        ),
    )  # fmt: skip
    for asset, amount in person.balances.items():
        work.execute("INSERT INTO balance VALUES (?, ?, ?)", (person.account_id, asset, amount))
        work.execute("INSERT INTO ceiling VALUES (?, ?, ?, ?)", (person.account_id, asset, amount, amount))
    for place, movement in enumerate(person.movements):
        _add_movement(work, person, place, movement)


def _add_movement(work: sqlite3.Connection, person: Person, place: int, movement: Movement) -> None:
    name = hashlib.sha256(f"{person.email}/{place}".encode()).hexdigest()
    at = storage.stamp(storage.now() - timedelta(hours=movement.hours_ago))
    on_chain = "" if movement.state == "held" else name
    work.execute(
        "INSERT INTO movement VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            f"{'wd' if movement.kind == 'withdrawal' else 'dep'}_{name[:16]}", person.account_id, movement.kind,
            movement.asset, movement.network, movement.amount, on_chain, movement.confirmations, movement.needed,
            movement.state, movement.hold_reason, movement.destination, at,
        ),
    )  # fmt: skip
