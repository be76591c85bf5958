"""People, proofs and actions for the attacks on the rule, made the only way there is: each role on its connection."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import sql

from core.ids import new_public_id

Connection = psycopg.Connection[tuple[Any, ...]]

DESTINATION = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"
ACTION_HASH = """
SELECT core.fund_action_hash(
    %(public_id)s, %(kind)s, %(operation)s, %(subject)s, %(customer_id)s, %(asset)s, %(network)s,
    %(amount)s::numeric(38, 18), %(destination)s, %(tag)s, %(requester_id)s)
"""

# A statement that names what is not there proves nothing.
BROKEN_TESTS = ("42601", "42703", "42P01", "42883", "42P18", "42804")


@dataclass
class Cast:
    """A customer with a factor that counts, an agent, and people of another team who may be drawn."""

    app: Connection
    verifier: Connection
    owner: Connection
    customer: int
    agent: int
    colleague: int
    leads: tuple[int, ...]
    # Customers with a factor that counts, for whoever needs one of their own.
    others: list[tuple[int, tuple[int, Any]]] = field(default_factory=list)
    factor: tuple[int, Any] = (0, None)
    # Of staff, by person and method.
    factors: dict[tuple[int, str], int] = field(default_factory=dict)

    def change_customer(self) -> None:
        """Go on with a customer to whom nothing has happened yet."""
        self.customer, self.factor = self.others.pop()

    def insert(self, table: str, values: dict[str, Any], *, by: Connection | None = None, key: str = "id") -> int:
        """Insert a row as the app, or as somebody else, and return its key."""
        names = sql.SQL(", ").join(map(sql.Identifier, values))
        places = sql.SQL(", ").join(sql.Placeholder() * len(values))
        key = "action_id" if table == "security_execution" else key
        statement = sql.SQL("INSERT INTO {} ({}) VALUES ({}) RETURNING {}").format(
            sql.Identifier(table), names, places, sql.Identifier(key)
        )
        row = (by or self.app).execute(statement, list(values.values())).fetchone()
        assert row is not None
        return int(row[0])

    def one(self, query: str, values: Any = ()) -> Any:
        """Return the first column of the owner's only row."""
        row = self.owner.execute(query, values).fetchone()
        assert row is not None
        return row[0]

    def step_up(self, person: int, purpose: str, bound_to: bytes, *, method: str = "webauthn") -> tuple[int, Any]:
        """Let the verifier record that a member of staff proved themselves; return key and time."""
        values = {"public_id": new_public_id(), "staff_id": person, "purpose": purpose, "bound_to": bound_to}
        key = self.insert("security_stepup", values | {"method": method}, by=self.verifier)
        self.prove("security_stepup", key, **self.by_factor(person, method))
        return key, self.one("SELECT verified_at FROM security_stepup WHERE id = %s", [key])

    def by_factor(self, person: int, method: str, *, is_device_bound: bool = True) -> dict[str, Any]:
        """Return what a proven step-up says of the person's factor, which is enrolled when first used."""
        bound = method == "webauthn" and is_device_bound
        if (person, f"{method} {bound}") not in self.factors:
            values = {"public_id": new_public_id(), "staff_id": person, "method": method, "is_device_bound": bound}
            self.factors[person, f"{method} {bound}"] = self.insert("security_stafffactor", values, by=self.verifier)
        key = self.factors[person, f"{method} {bound}"]
        return {"factor_id": key, "is_device_bound": bound, "evidence": "{}"}

    def prove(self, table: str, key: int, **columns: Any) -> int:
        """Count an attempt, committed, then record that the answer was right; return the key again."""
        name = sql.Identifier(table)
        self.verifier.execute(sql.SQL("UPDATE {} SET attempts = attempts + 1 WHERE id = %s").format(name), [key])
        moved = sql.SQL("").join(sql.SQL(", {} = %s").format(sql.Identifier(column)) for column in columns)
        self.verifier.execute(
            sql.SQL("UPDATE {} SET is_verified = true{} WHERE id = %s").format(name, moved), [*columns.values(), key]
        )
        return key

    def asked(self, **changed: Any) -> dict[str, Any]:
        """Return what a withdrawal says."""
        asked: dict[str, Any] = {
            "public_id": new_public_id(), "kind": "withdrawal_release", "operation": "", "subject": "W-1",
            "customer_id": self.customer, "asset": "BTC", "network": "bitcoin", "amount": "2.5",
            "destination": DESTINATION, "tag": "", "requester_id": self.agent,
        }  # fmt: skip
        return asked | changed

    def request(self, **changed: Any) -> int:
        """Ask for an action, with the requester's step-up for exactly this; return its key."""
        asked = self.asked(**changed)
        key, at = self.step_up(asked["requester_id"], "action.request", self.hash_of_words(asked))
        return self.insert("security_fundaction", {**asked, "requester_stepup_id": key, "requester_verified_at": at})

    def hash_of_words(self, asked: dict[str, Any]) -> bytes:
        """Return what is signed for an action that is not there yet."""
        return bytes(self.one(ACTION_HASH, asked))

    def hash_of(self, action: int) -> bytes:
        """Return what is signed for an action."""
        return bytes(self.one("SELECT hash FROM security_fundaction WHERE id = %s", [action]))

    def begin_check(self, action: int, method: str = "webauthn") -> int:
        """Challenge the customer."""
        values = {"public_id": new_public_id(), "action_id": action, "method": method}
        return self.insert("security_identitycheck", values)

    def answer(self, check: int) -> int:
        """Let the verifier record the customer's right answer; return the key of the check again."""
        factor, counts_from = self.factor
        return self.prove(
            "security_identitycheck", check, factor_id=factor, factor_counts_from=counts_from, evidence='{"raw": ""}'
        )

    def draw(self, action: int) -> int:
        """Have somebody drawn; return who."""
        self.insert("security_approverdraw", {"action_id": action})
        return int(
            self.one(
                "SELECT approver_id FROM security_approverdraw WHERE action_id = %s ORDER BY place DESC LIMIT 1",
                [action],
            )
        )

    def approve(self, action: int, person: int | None = None) -> int:
        """Let whoever is drawn, or `person`, approve with a step-up of their own; return who."""
        who = self.draw(action) if person is None else person
        key, at = self.step_up(who, "action.approve", self.hash_of(action))
        values = {"action_id": action, "approver_id": who, "approver_stepup_id": key, "approver_verified_at": at}
        self.insert("security_approval", values)
        return who

    def execute(self, action: int, check: int, approver: int | None) -> int:
        """Make the permission."""
        return self.insert("security_execution", {"action_id": action, "check_id": check, "approver_id": approver})

    def ready(self, **changed: Any) -> tuple[int, int, int]:
        """Return an action that may be executed, with its check and its approver."""
        action = self.request(**changed)
        check = self.begin_check(action)
        self.answer(check)
        return action, check, self.approve(action)

    def executions(self) -> int:
        """Return how many permissions there are."""
        return int(self.one("SELECT count(*) FROM security_execution"))

    def freeze(self) -> None:
        """Let the app freeze the customer."""
        self.app.execute("SELECT core.fund_freeze(%s, 'test')", [self.customer])


Attack = Callable[[Cast], object]


def outcomes(cast: Cast, attacks: list[Attack]) -> dict[str, str]:
    """Try each on a customer of its own; return the SQLSTATE that it ended with, nothing for one that passed."""
    found = {}
    for attack in attacks:
        cast.change_customer()
        try:
            attack(cast)
        except psycopg.Error as refused:
            found[attack.__name__] = refused.sqlstate or "no answer"
        else:
            found[attack.__name__] = ""
    return found


def passed(found: dict[str, str]) -> list[str]:
    """Return those that were not refused as a breach of a rule (23, 22) or of a right (42)."""
    return [name for name, state in found.items() if state[:2] not in ("22", "23", "42") or state in BROKEN_TESTS]
