"""Signs of life, and who is silent."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db import connection
from django.db.backends.utils import CursorWrapper

# What must beat, and after how many seconds it counts as silent.
EXPECTED = {
    "worker": 45,
    "beat": 45,
    "mail": 45,
    "discord": 45,
    "sockets": 45,
    "sweeper": 45,
    "audit sealer": 30,
    "fund rule": 150,
}
# What counts as silent later than others, once it has ever beaten.
SLOW = {"audit anchor": 150, "audit chain": 3 * 60 * 60, "fund rule proof": 26 * 60 * 60}
SILENT_AFTER_S = 180
# A process that met a full disk says so under this name; it is news for two minutes.
FULL = "full:"
FULL_IS_NEWS_S = 120
# An outgoing mail server that could not be used, until a mail has left by it; after the longest pause between tries
# nobody knows any more.
RELAY = "relay:"
RELAY_IS_NEWS_S = 5 * 60 * 60


@dataclass(frozen=True, slots=True)
class Pulse:
    """One heartbeat as read: age in seconds (None: never seen)."""

    name: str
    age_s: float | None
    is_ok: bool
    detail: str
    is_silent: bool = False


def beat(name: str, *, detail: str = "", is_ok: bool = True) -> None:
    """Record that `name` is alive, by the database's clock."""
    with connection.cursor() as cursor:
        beat_on(cursor, name, detail=detail, is_ok=is_ok)


def beat_on(cursor: CursorWrapper, name: str, *, detail: str, is_ok: bool) -> None:
    """Do the same on a connection of the caller's."""
    cursor.execute(
        "INSERT INTO core_heartbeat (name, at, detail, is_ok) VALUES (%s, core.clock(), %s, %s) "
        "ON CONFLICT (name) DO UPDATE SET at = excluded.at, detail = excluded.detail, is_ok = excluded.is_ok",
        [name, detail[:300], is_ok],
    )


def forget(name: str) -> None:
    """Expect no more of `name`: it was stopped on purpose."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM core_heartbeat WHERE name = %s", [name])


def forget_others(prefix: str, names: Collection[str]) -> None:
    """Expect no more of those that begin with `prefix` and are not among `names`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM core_heartbeat WHERE starts_with(name, %s) AND NOT name = ANY(%s)", [prefix, list(names)]
        )


def is_old_news(name: str, age_s: float) -> bool:
    """Whether what `name` reported is too old to be true still."""
    return (name.startswith(FULL) and age_s > FULL_IS_NEWS_S) or (name.startswith(RELAY) and age_s > RELAY_IS_NEWS_S)


def pulses() -> list[Pulse]:
    """Return every expected pulse and every other one that ever beat; old news of disks and servers is left out."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, extract(epoch FROM core.clock() - at), is_ok, detail FROM core_heartbeat")
        seen = {name: (float(age), bool(is_ok), str(detail)) for name, age, is_ok, detail in cursor.fetchall()}
    found = []
    for name in sorted({*EXPECTED, *seen}):
        if name not in seen:
            found.append(Pulse(name, None, is_ok=False, detail="never seen", is_silent=True))
            continue
        age, is_ok, detail = seen[name]
        if is_old_news(name, age):
            continue
        # From a time to come: the clock has stepped back since, and only a new beat says anything.
        silent = abs(age) > (EXPECTED | SLOW).get(name, SILENT_AFTER_S) and not name.startswith(RELAY)
        said = "silent" if silent else detail
        found.append(Pulse(name, max(0.0, round(age, 1)), is_ok=is_ok and not silent, detail=said, is_silent=silent))
    return found
