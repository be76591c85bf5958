"""Search: the selector for rare and common words, identifiers and operators, beside the same words in plain SQL."""

from collections.abc import Callable

from django.db import connection

from accounts.models import Staff
from bench import ground
from bench.report import Measured, Target, row
from tests.support.databases import TestStores
from tickets.models import Message
from tickets.selectors import search

ROUNDS, PER_ROUND, WARM_UP = 5, 10, 2
RARE, COMMON = "zirconium", "marmalade"
RARE_COUNT, COMMON_EVERY = 20, 20
RARE_MS, COMMON_MS = 50.0, 100.0
MAX_SQL = 10
# Every twentieth message says one word more, and twenty of them another beside a hash.
_SEED = """
UPDATE tickets_message SET text = text || %s WHERE kind <> 'event' AND id %% %s = 0
"""
_SEED_RARE = """
UPDATE tickets_message SET text = text || ' zirconium 0x' || md5(id::text)
 WHERE id IN (SELECT id FROM tickets_message WHERE kind <> 'event' ORDER BY md5(id::text) LIMIT %s)
"""
# Each in the order whose plan suits the word: by the index of words, and from the newest on.
_BARE_ORDER = {RARE: "entry.id + 0", COMMON: "entry.id"}
_BARE = """
SELECT entry.id FROM tickets_searchentry AS entry JOIN tickets_ticket AS ticket ON ticket.id = entry.ticket_id
 WHERE entry.vector @@ plainto_tsquery('english', %s) AND NOT ticket.is_spam ORDER BY {} DESC LIMIT 50
"""


def measure(stores: TestStores, size: int) -> Measured:
    """Ask in rounds, each question and its plain statement in turns."""
    measured = Measured("search", size)
    with ground.filled(stores, size) as name:
        with stores.owner(name) as owner:
            owner.execute(_SEED, [f" {COMMON}", COMMON_EVERY])
            owner.execute(_SEED_RARE, [RARE_COUNT])
            owner.execute("VACUUM (ANALYZE) tickets_message")
            owner.execute("VACUUM (ANALYZE) tickets_searchentry")
        with ground.pointed_at(name):
            asking = _questions()
            taken: dict[str, list[list[float]]] = {}
            for _ in range(ROUNDS):
                for what, ask in asking.items():
                    for _ in range(WARM_UP):
                        ask()
                    taken.setdefault(what, []).append([ground.timed(ask) for _ in range(PER_ROUND)])
            sql = {what: ground.statements(ask) for what, ask in asking.items()}
    for word, limit in ((RARE, RARE_MS), (COMMON, COMMON_MS)):
        floor = row(f"floor: plain SQL, {word}", taken[f"floor {word}"])
        found = row(f"search, {word}", taken[word], sql=sql[word])
        measured.results += [
            floor,
            row(f"search, {word}", taken[word], sql=sql[word], ratio=found.p95_ms / max(floor.p95_ms, 0.001)),
        ]
        measured.targets.append(Target(f"{word}: p95 ms", found.p95_ms, limit))
        measured.floors[f"{word}_p95_ms"] = floor.p95_ms
    measured.results += [row(f"search, {what}", taken[what], sql=sql[what]) for what in ("identifier", "operators")]
    measured.targets.append(Target("SQL statements", float(max(sql.values())), MAX_SQL))
    return measured


def _questions() -> dict[str, Callable[[], None]]:
    """Return what asks each question on the present database, and complains when nothing is found."""
    person = Staff.objects.order_by("pk").first()
    said = Message.objects.filter(text__contains=RARE).values_list("text", flat=True).first()
    if person is None or said is None:
        raise LookupError("The bench's database is not filled.")
    begins = said.rpartition(" ")[2][:10]

    def found(text: str) -> Callable[[], None]:
        def ask() -> None:
            if not search.found_for(text, person=person).hits:
                raise RuntimeError("The search found nothing.")

        return ask

    def bare(word: str) -> Callable[[], None]:
        def ask() -> None:
            with connection.cursor() as cursor:
                cursor.execute(_BARE.format(_BARE_ORDER[word]), [word])
                if not cursor.fetchall():
                    raise RuntimeError("Plain SQL found nothing.")

        return ask

    return {
        f"floor {RARE}": bare(RARE), RARE: found(RARE), f"floor {COMMON}": bare(COMMON), COMMON: found(COMMON),
        "identifier": found(begins), "operators": found("is:open priority:urgent -channel:chat"),
    }  # fmt: skip
