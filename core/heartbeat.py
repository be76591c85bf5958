"""Signs of life, and who is silent."""

from dataclasses import dataclass

from django.db import connection

# What must beat, and after how many seconds it counts as silent.
EXPECTED = {"worker": 45, "beat": 45, "mail": 45, "sockets": 45, "sweeper": 45, "audit sealer": 30}


@dataclass(frozen=True, slots=True)
class Pulse:
    """One heartbeat as read: age in seconds (None: never seen)."""

    name: str
    age_s: float | None
    is_ok: bool
    detail: str


def beat(name: str, *, detail: str = "", is_ok: bool = True) -> None:
    """Record that `name` is alive, by the database's clock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_heartbeat (name, at, detail, is_ok) VALUES (%s, core.clock(), %s, %s) "
            "ON CONFLICT (name) DO UPDATE SET at = excluded.at, detail = excluded.detail, is_ok = excluded.is_ok",
            [name, detail[:300], is_ok],
        )


def pulses() -> list[Pulse]:
    """Return every expected pulse and every other one that ever beat."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, extract(epoch FROM core.clock() - at), is_ok, detail FROM core_heartbeat")
        seen = {name: (float(age), bool(is_ok), str(detail)) for name, age, is_ok, detail in cursor.fetchall()}
    found = []
    for name in sorted({*EXPECTED, *seen}):
        if name not in seen:
            found.append(Pulse(name, None, is_ok=False, detail="never seen"))
            continue
        age, is_ok, detail = seen[name]
        silent = age > EXPECTED.get(name, 180)
        found.append(Pulse(name, round(age, 1), is_ok=is_ok and not silent, detail="silent" if silent else detail))
    return found
