"""One-time codes (RFC 6238, six digits, 30 s): the step that the database's clock is in, newer than any accepted."""

import hmac
from dataclasses import dataclass

import pyotp

from security.verifier.configuration import Configuration
from security.verifier.locks import Connection

STEP_S = 30
STEP_NOW = "SELECT floor(extract(epoch FROM core.clock()) / %s)::bigint"
# Decides again: of two right codes at once one is accepted.
ACCEPT = "UPDATE security_factorsecret SET last_step = %(step)s WHERE id = %(secret)s AND last_step < %(step)s"


@dataclass(frozen=True, slots=True)
class Secret:
    """A living TOTP factor: its row, the row of its secret, what is sealed, and the newest step accepted."""

    factor_id: int
    secret_id: int
    sealed: str
    last_step: int


def step_now(connection: Connection) -> int:
    """Return the step that the database's clock is in."""
    row = connection.execute(STEP_NOW, [STEP_S]).fetchone()
    return int(row[0]) if row else 0


def is_right(configuration: Configuration, sealed: str, step: int, code: str) -> bool:
    """Whether `code` is the one of this very step."""
    secret = configuration.box.decrypt(sealed.encode()).decode()
    return hmac.compare_digest(pyotp.TOTP(secret).generate_otp(step), _digits(code))


def accept(connection: Connection, secret: Secret, step: int) -> bool:
    """Use the step up; False when it, or a later one, has been used."""
    return connection.execute(ACCEPT, {"step": step, "secret": secret.secret_id}).rowcount == 1


def _digits(code: str) -> str:
    """Return the code without the spaces people type; anything but ASCII cannot be compared and is nobody's code."""
    stripped = "".join(code.split())
    return stripped if stripped.isascii() else ""
