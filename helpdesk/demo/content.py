"""Puts the demo's world together: who wrote, when, about what, and who answered. Same seed, same world."""

from collections.abc import Iterator
from datetime import datetime
from itertools import cycle
from random import Random

from helpdesk.demo.cast import ENGLISH_DESK, MAILBOXES, SPEAKERS, STAFF, TEAMS, topics
from helpdesk.demo.people import customers
from helpdesk.demo.quarantine import raw_mails
from helpdesk.demo.rhythm import arrivals
from helpdesk.demo.script import Scenario, scenarios
from helpdesk.demo.story import Casting, tell
from helpdesk.demo.world import DemoCustomer, DemoMailbox, DemoStaff, DemoTicket, DemoWorld

SIZE = 450
_SHARES = {
    "en": 195,
    "zh": 104,
    "es": 26,
    "de": 20,
    "pt": 22,
    "ru": 20,
    "tr": 15,
    "vi": 13,
    "ja": 13,
    "ko": 11,
    "ar": 11,
}
# As many cases of another kind lie between two of one kind.
_APART = 7


def build(now: datetime, seed: int = 7, size: int = SIZE) -> DemoWorld:
    """Return the demo's world as it stands at `now` (aware, UTC) with `size` tickets of the last 60 days."""
    random = Random(seed)
    people = customers(random, now)
    tickets = tuple(_tickets(random, people, now, seed, size))
    return DemoWorld(
        teams=TEAMS,
        staff=STAFF,
        topics=topics(),
        tags=tuple(sorted({tag for ticket in tickets for tag in ticket.tags})),
        mailboxes=MAILBOXES,
        customers=people,
        tickets=tickets,
        quarantined=raw_mails(now),
    )


def _tickets(
    random: Random, people: tuple[DemoCustomer, ...], now: datetime, seed: int, size: int
) -> Iterator[DemoTicket]:
    turns: dict[str, int] = {}
    pools = _Pools(random, people)
    for place, (at, scenario) in enumerate(zip(arrivals(random, now, size), _programme(random, size), strict=True)):
        name = f"{scenario.language}.{scenario.key}"
        turn = turns.get(name, random.randint(0, 6))
        turns[name] = turn + 1
        mailbox = _mailbox(scenario)
        casting = Casting(
            scenario=scenario,
            customer=pools.pick(scenario, turn),
            assignee=_assignee(random, scenario),
            mailbox=mailbox.key,
            mailbox_address=mailbox.address,
            subject=turn,
            opener=turn,
            at=at,
            now=now,
        )
        yield tell(casting, Random(f"{seed}/{place}"))


def _programme(random: Random, size: int) -> list[Scenario]:
    """Return which scenario is played when: every language its share, no kind twice in a short while."""
    whole = sum(_SHARES.values())
    waiting: list[Scenario] = []
    for language, share in _SHARES.items():
        mine = [one for one in scenarios() if one.language == language for _ in range(one.weight)]
        random.shuffle(mine)
        endless = cycle(mine)
        waiting += [next(endless) for _ in range(round(share * size / whole))]
    while len(waiting) < size:
        waiting.append(random.choice(scenarios()))
    random.shuffle(waiting)
    found: list[Scenario] = []
    for _ in range(size):
        lately = {one.key for one in found[-_APART:]}
        place = next((place for place, one in enumerate(waiting) if one.key not in lately), 0)
        found.append(waiting.pop(place))
    return found


class _Pools:
    """Customers of each language, by how well we know them; everybody gets a turn before anybody gets two."""

    def __init__(self, random: Random, people: tuple[DemoCustomer, ...]) -> None:
        self._random = random
        self._people = people
        self._cycles: dict[tuple[str, str], Iterator[DemoCustomer]] = {}

    def pick(self, scenario: Scenario, turn: int) -> DemoCustomer:
        """Return who plays this scenario: unproven where the script says so, a caller only where no file is sent."""
        opener = scenario.turns[0].variants[turn % len(scenario.turns[0].variants)]
        if "unproven" in opener.flags:
            return self._next(scenario.language, "claimed")
        plain = not (opener.files or opener.inline or opener.forward or opener.flags or "{txid}" in opener.text)
        if plain and self._random.random() < 0.22:
            return self._next(scenario.language, "elsewhere")
        return self._next(scenario.language, "proven" if self._random.random() > 0.09 else "claimed")

    def _next(self, language: str, kind: str) -> DemoCustomer:
        if (language, kind) not in self._cycles:
            mine = [one for one in self._people if one.language == language]
            fitting = {
                "proven": [one for one in mine if one.is_proven],
                "claimed": [one for one in mine if one.kind == "email" and not one.is_proven],
                "elsewhere": [one for one in mine if one.kind != "email"],
            }[kind]
            self._cycles[language, kind] = cycle(fitting or [one for one in mine if one.kind == "email"])
        return next(self._cycles[language, kind])


def _mailbox(scenario: Scenario) -> DemoMailbox:
    wanted = "support"
    if scenario.topic.startswith("complaints.formal"):
        wanted = "complaints"
    elif scenario.topic in {"security.takeover", "security.vulnerability"}:
        wanted = "security"
    elif scenario.language == "zh":
        wanted = "support-zh"
    return next(one for one in MAILBOXES if one.key == wanted)


def _assignee(random: Random, scenario: Scenario) -> DemoStaff:
    desk = ENGLISH_DESK[scenario.team]
    if scenario.team != "compliance" and scenario.language in SPEAKERS:
        desk = SPEAKERS[scenario.language]
    key = random.choice(desk)
    return next(person for person in STAFF if person.key == key)
