"""Five wrong answers of a person, over all their factors: counted and committed before anything is compared.

Whoever asks, from however many connections at once: each answer is one row lock, one count (ASVS 6.3.1, 6.6.3).
"""

from typing import Any

import psycopg

from security.verifier.protocol import Code, RefusedError

Connection = psycopg.Connection[tuple[Any, ...]]
LOCK_MIN = 15
COUNT = """
INSERT INTO security_prooflock AS found (person, failures) VALUES (%(person)s, 1)
ON CONFLICT (person) DO UPDATE SET
    failures = CASE WHEN found.failures >= 5 THEN 1 ELSE found.failures + 1 END,
    locked_until = CASE WHEN found.failures = 4 THEN core.clock() + make_interval(mins => %(minutes)s) END
WHERE found.locked_until IS NULL OR found.locked_until <= core.clock()
RETURNING failures
"""
FORGIVE = "UPDATE security_prooflock SET failures = 0, locked_until = NULL WHERE person = %s"


def count(connection: Connection, person: str) -> None:
    """Count one answer of `person`'s; raises RefusedError while they are locked. The caller commits."""
    if connection.execute(COUNT, {"person": person, "minutes": LOCK_MIN}).fetchone() is None:
        raise RefusedError(Code.LOCKED, f"Too many wrong answers: wait {LOCK_MIN} minutes.")


def forgive(connection: Connection, person: str) -> None:
    """Begin anew after a right answer."""
    connection.execute(FORGIVE, [person])
