"""Factors: what lives of a person's, what is enrolled, what ends. Persons are written `staff:ID` and `customer:ID`."""

import base64
import hashlib
import re
import secrets
from typing import Any

import pyotp

from security.verifier import codes, locks, passkeys
from security.verifier.codes import Secret
from security.verifier.configuration import Configuration
from security.verifier.locks import Connection
from security.verifier.passkeys import Asserted, Passkey
from security.verifier.protocol import Code, Given, RefusedError, number, text

STAFF, CUSTOMER = "staff", "customer"
CEREMONY_MIN = 10
VOUCHED_MIN = 5
LIVING = {
    STAFF: """
SELECT factor.id, kept.id, kept.secret, kept.last_step, kept.credential_id, kept.public_key, kept.sign_count,
       kept.may_be_copied
  FROM security_stafffactor factor JOIN security_factorsecret kept ON kept.staff_factor_id = factor.id
 WHERE factor.staff_id = %s AND factor.method = %s
   AND NOT EXISTS (SELECT FROM security_stafffactorend gone WHERE gone.factor_id = factor.id)
 ORDER BY factor.id""",
    CUSTOMER: """
SELECT factor.id, kept.id, kept.secret, kept.last_step, kept.credential_id, kept.public_key, kept.sign_count,
       kept.may_be_copied
  FROM security_customerfactor factor JOIN security_factorsecret kept ON kept.customer_factor_id = factor.id
 WHERE factor.customer_id = %s AND factor.method = %s
   AND NOT EXISTS (SELECT FROM security_factorend gone WHERE gone.factor_id = factor.id)
 ORDER BY factor.id""",
}
KEEP = {
    STAFF: "INSERT INTO security_stafffactor (public_id, staff_id, method, label, is_device_bound)"
    " VALUES (%(public_id)s, %(whose)s, %(method)s, %(label)s, %(is_device_bound)s) RETURNING id",
    CUSTOMER: "INSERT INTO security_customerfactor (public_id, customer_id, method, label, exchange_id, counts_from)"
    " VALUES (%(public_id)s, %(whose)s, %(method)s, %(label)s, %(exchange_id)s, core.clock()) RETURNING id",
}
# Told twice, because an answer was lost, is kept once.
KEPT = """
SELECT factor.public_id
  FROM security_customerfactor factor JOIN security_factorsecret kept ON kept.customer_factor_id = factor.id
 WHERE kept.credential_id = %s AND factor.customer_id = %s
"""
KEEP_SECRET = {
    STAFF: "INSERT INTO security_factorsecret (staff_factor_id, secret, last_step, credential_id, public_key,"
    " sign_count, may_be_copied) VALUES (%s, %s, %s, %s, %s, %s, %s)",
    CUSTOMER: "INSERT INTO security_factorsecret (customer_factor_id, secret, last_step, credential_id, public_key,"
    " sign_count, may_be_copied) VALUES (%s, %s, %s, %s, %s, %s, %s)",
}
END = {
    STAFF: "INSERT INTO security_stafffactorend (factor_id) SELECT id FROM security_stafffactor"
    " WHERE public_id = %s AND staff_id = %s ON CONFLICT DO NOTHING",
    CUSTOMER: "INSERT INTO security_factorend (factor_id) SELECT id FROM security_customerfactor"
    " WHERE public_id = %s AND customer_id = %s ON CONFLICT DO NOTHING",
}
BEGIN = """
INSERT INTO security_ceremony (public_id, person, purpose, secret, challenge)
VALUES (%(public_id)s, %(person)s, %(purpose)s, %(secret)s, %(challenge)s)
"""
SWEEP = "DELETE FROM security_ceremony WHERE begun_at < core.clock() - interval '1 hour'"
# Used up by whoever reads it.
TAKE = """
DELETE FROM security_ceremony WHERE public_id = %s AND purpose = %s AND proven_at IS NULL
RETURNING person, secret, challenge, begun_at > core.clock() - make_interval(mins => %s)
"""
PROVEN = """
INSERT INTO security_ceremony (public_id, person, purpose, proven_at) VALUES (%s, %s, 'sign_in', core.clock())
"""
OTHER_VOUCHERS = "DELETE FROM security_ceremony WHERE person = %s AND proven_at IS NOT NULL"
# As the trigger of a new factor does.
ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended('factors of staff ' || %s, 0))"
SECRET = re.compile(r"[A-Z2-7]{16,128}")
VOUCHED = """
DELETE FROM security_ceremony
 WHERE public_id = %s AND person = %s AND proven_at > core.clock() - make_interval(mins => %s) RETURNING public_id
"""


class Factors:
    """Enrolling, signing in with, and ending factors; every method is one request."""

    def __init__(self, configuration: Configuration, connection: Connection) -> None:
        self.configuration = configuration
        self.connection = connection

    def passkeys_of(self, person: str) -> list[Passkey]:
        """Return a person's living passkeys."""
        kind, whose = _split(person)
        rows = self.connection.execute(LIVING[kind], [whose, "webauthn"]).fetchall()
        return [Passkey(row[0], row[1], row[4], row[5], row[6], row[7]) for row in rows]

    def codes_of(self, person: str) -> list[Secret]:
        """Return a person's living TOTP secrets."""
        kind, whose = _split(person)
        rows = self.connection.execute(LIVING[kind], [whose, "totp"]).fetchall()
        return [Secret(row[0], row[1], row[2], row[3]) for row in rows]

    def begin_passkey(self, given: Given) -> Given:
        """Begin the enrolment of a passkey of a member of staff; a customer's is begun by the exchange."""
        person = f"{STAFF}:{number(given, 'staff')}"
        challenge = secrets.token_bytes(32)
        ceremony = self._begin(person, "enrol", challenge=challenge)
        options = passkeys.creation_options(
            self.configuration, challenge=challenge, handle=_handle(person), name=text(given, "name"),
            kept=self.passkeys_of(person),
        )  # fmt: skip
        return {"ceremony": ceremony, "options": options}

    def finish_passkey(self, given: Given) -> Given:
        """Keep the passkey. Whoever has one already vouches with it: `voucher` is a sign-in, five minutes old."""
        person, _, challenge = self._take(given, "enrol")
        found = passkeys.registered(self.configuration, challenge=challenge, response=text(given, "response"))
        may_be_copied = found.credential_device_type.value == "multi_device"
        with self.connection.transaction():
            self._vouch(person, given)
            factor = self._keep(
                person, "webauthn", given.get("label", ""), is_device_bound=not may_be_copied,
                secret=("", -1, found.credential_id, found.credential_public_key, found.sign_count, may_be_copied),
            )  # fmt: skip
        return {"factor": factor, "is_device_bound": not may_be_copied}

    def keep_passkey(self, given: Given) -> Given:
        """Keep a copy of a customer's passkey that the exchange has verified and stored itself; once, if told again."""
        customer = number(given, "customer")
        credential_id = passkeys.from_base64url(text(given, "credential_id"))
        kept = self.connection.execute(KEPT, [credential_id, customer]).fetchone()
        if kept is not None:
            return {"factor": kept[0]}
        may_be_copied = text(given, "device_type") == "multi_device"
        secret = (
            "", -1, credential_id, passkeys.from_base64url(text(given, "public_key")), number(given, "sign_count"),
            may_be_copied,
        )  # fmt: skip
        with self.connection.transaction():
            factor = self._keep(
                f"{CUSTOMER}:{customer}", "webauthn", given.get("label", ""), is_device_bound=False, secret=secret,
                exchange_id=given.get("exchange_id", ""),
            )  # fmt: skip
        return {"factor": factor}

    def begin_code(self, given: Given) -> Given:
        """Make a TOTP secret, told once."""
        person = text(given, "person")
        secret = pyotp.random_base32()
        sealed = self.configuration.box.encrypt(secret.encode()).decode()
        uri = pyotp.TOTP(secret).provisioning_uri(name=text(given, "name"), issuer_name=text(given, "issuer"))
        return {"ceremony": self._begin(person, "enrol", secret=sealed), "secret": secret, "uri": uri}

    def finish_code(self, given: Given) -> Given:
        """Keep the secret when the first code is right."""
        person, sealed, _ = self._take(given, "enrol")
        with self.connection.transaction():
            locks.count(self.connection, person)
        step = codes.step_now(self.connection)
        if not sealed or not codes.is_right(self.configuration, sealed, step, text(given, "code")):
            raise RefusedError(Code.REFUSED, "The code is not right: begin again.")
        with self.connection.transaction():
            self._vouch(person, given)
            locks.forgive(self.connection, person)
            secret = (sealed, step, None, None, 0, None)
            label = given.get("label", "")
            return {"factor": self._keep(person, "totp", label, is_device_bound=False, secret=secret)}

    def keep_code(self, given: Given) -> Given:
        """Keep a secret that the desk has shown to a member of staff, if the code is right and after `last_step`."""
        person, secret = f"{STAFF}:{number(given, 'staff')}", text(given, "secret")
        if not SECRET.fullmatch(secret):
            raise RefusedError(Code.BAD_REQUEST, "A secret is base32, at least 80 bits.")
        with self.connection.transaction():
            locks.count(self.connection, person)
        sealed = self.configuration.box.encrypt(secret.encode()).decode()
        step = codes.step_now(self.connection)
        is_right = codes.is_right(self.configuration, sealed, step, text(given, "code"))
        if not is_right or step <= number(given, "last_step"):
            raise RefusedError(Code.REFUSED, "The code is not right.")
        with self.connection.transaction():
            # Of the same code twice at once, the second finds a factor that did not vouch for it.
            self.connection.execute(ONE_AT_A_TIME, [_split(person)[1]])
            self._vouch(person, given)
            locks.forgive(self.connection, person)
            kept = (sealed, step, None, None, 0, None)
            self._keep(person, "totp", "", is_device_bound=False, secret=kept)
            return {"step": step, "voucher": self._voucher(person)}

    def verify_code(self, given: Given) -> Given:
        """Compare a code at sign-in; the voucher, for who has no passkey yet, vouches for the first one."""
        person = f"{STAFF}:{number(given, 'staff')}"
        with self.connection.transaction():
            locks.count(self.connection, person)
        step = codes.step_now(self.connection)
        for secret in self.codes_of(person):
            if codes.is_right(self.configuration, secret.sealed, step, text(given, "code")):
                with self.connection.transaction():
                    if not codes.accept(self.connection, secret, step):
                        raise RefusedError(Code.REFUSED, "This code has been used: wait for the next one.")
                    locks.forgive(self.connection, person)
                    return {"step": step, "voucher": self._voucher(person)}
        raise RefusedError(Code.REFUSED, "The code is not right.")

    def end(self, given: Given) -> Given:
        """End one factor; it proves nothing from now on."""
        kind, whose = _split(text(given, "person"))
        ended = self.connection.execute(END[kind], [text(given, "factor"), whose]).rowcount
        return {"ended": ended == 1}

    def begin_sign_in(self, given: Given) -> Given:
        """Challenge a member of staff for a sign-in, or for vouching."""
        person = f"{STAFF}:{number(given, 'staff')}"
        kept = self.passkeys_of(person)
        if not kept:
            raise RefusedError(Code.NO_FACTOR, "This person has no passkey.")
        challenge = secrets.token_bytes(32)
        options = passkeys.request_options(self.configuration, challenge=challenge, kept=kept)
        return {"ceremony": self._begin(person, "sign_in", challenge=challenge), "options": options}

    def finish_sign_in(self, given: Given) -> Given:
        """Compare the assertion; the answer names the person and a voucher for enrolling another factor."""
        person, _, challenge = self._take(given, "sign_in")
        with self.connection.transaction():
            locks.count(self.connection, person)
        kept = self.passkeys_of(person)
        found = passkeys.asserted(self.configuration, challenge=challenge, response=text(given, "response"), kept=kept)
        with self.connection.transaction():
            use(self.connection, found)
            locks.forgive(self.connection, person)
            return {"staff": _split(person)[1], "voucher": self._voucher(person, by_passkey=True)}

    def _begin(self, person: str, purpose: str, *, secret: str = "", challenge: bytes | None = None) -> str:
        _split(person)
        public_id = new_id()
        self.connection.execute(SWEEP)
        values = {"public_id": public_id, "person": person, "purpose": purpose}
        self.connection.execute(BEGIN, values | {"secret": secret, "challenge": challenge})
        return public_id

    def _take(self, given: Given, purpose: str) -> tuple[str, str, bytes]:
        row = self.connection.execute(TAKE, [text(given, "ceremony"), purpose, CEREMONY_MIN]).fetchone()
        if row is None or not row[3]:
            raise RefusedError(Code.EXPIRED, "This was begun too long ago, or has been used: begin again.")
        return row[0], row[1], row[2] or b""

    def _voucher(self, person: str, *, by_passkey: bool = False) -> str:
        """Note the proof; a code vouches for nothing once there is a passkey."""
        if not by_passkey and self.passkeys_of(person):
            return ""
        voucher = new_id()
        self.connection.execute(PROVEN, [voucher, person])
        return voucher

    def _vouch(self, person: str, given: Given) -> None:
        kind, _ = _split(person)
        if kind != STAFF or not (self.passkeys_of(person) or self.codes_of(person)):
            return
        voucher = [given.get("voucher", ""), person, VOUCHED_MIN]
        if self.connection.execute(VOUCHED, voucher).fetchone() is None:
            raise RefusedError(Code.REFUSED, "Another factor is added with one that the person has already.")
        # Nothing that a code vouched for outlives the first passkey.
        self.connection.execute(OTHER_VOUCHERS, [person])

    def _keep(
        self,
        person: str,
        method: str,
        label: str,
        *,
        is_device_bound: bool,
        secret: tuple[Any, ...],
        exchange_id: str = "",
    ) -> str:
        kind, whose = _split(person)
        values: Given = {"public_id": new_id(), "whose": whose, "method": method, "label": label[:60]}
        values["exchange_id"] = exchange_id[:120]
        row = self.connection.execute(KEEP[kind], values | {"is_device_bound": is_device_bound}).fetchone()
        if row is None:
            raise RefusedError(Code.UNAVAILABLE, "The factor was not kept.")
        self.connection.execute(KEEP_SECRET[kind], [row[0], *secret])
        return str(values["public_id"])


def use(connection: Connection, found: Asserted) -> None:
    """Keep the key's new count; raises RefusedError when it is not newer."""
    if not passkeys.accept(connection, found):
        raise RefusedError(Code.REFUSED, "The passkey's count has gone back: it may have been copied.")


def _split(person: str) -> tuple[str, int]:
    kind, _, whose = person.partition(":")
    if kind not in KEEP or not whose.isdecimal():
        raise RefusedError(Code.BAD_REQUEST, "A person is `staff:ID` or `customer:ID`.")
    return kind, int(whose)


def _handle(person: str) -> bytes:
    return hashlib.sha256(f"pharos person {person}".encode()).digest()


def new_id() -> str:
    """Return a public id: 100 random bits in lower-case base32."""
    return base64.b32encode(secrets.token_bytes(20)).decode("ascii")[:20].lower()
