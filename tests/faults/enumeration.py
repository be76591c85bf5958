"""E4: what takes an address or a secret takes as long for one that somebody has as for one that nobody has."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from statistics import median
from typing import Any

from django.contrib.auth.hashers import check_password, make_password
from django.test import Client, override_settings

from accounts.models import Staff
from core.audit import SYSTEM
from core.ids import new_public_id
from security.services import api_tokens, invitations
from tests.faults import results
from tests.faults.ground import Ground
from tests.faults.recorder import Recorder
from tests.faults.results import Result

TRIES_A_ROUND = 25
LIMIT_MS = 5.0
# A median of fewer tells more of the neighbours than of the door.
ENOUGH = 500
CONTROL_TRIES = 15
# The hasher of production: the one of tests is too quick to be missed.
PRODUCTION = {"PASSWORD_HASHERS": ["django.contrib.auth.hashers.Argon2PasswordHasher"]}
PASSWORD = "correct horse battery"
Ask = Callable[[], Any]
# Sets the scene, untimed, and returns what is timed.
Prepare = Callable[[], Ask]


def _nothing_yet() -> dict[str, list[float]]:
    return {"known": [], "unknown": []}


@dataclass
class Door:
    """One door: how it is asked about something known and unknown, and how long each took, in ms.

    `took` is this process's own time, `wall` what somebody outside sees, the database's work included: both count.
    """

    known: Prepare
    unknown: Prepare
    took: dict[str, list[float]] = field(default_factory=_nothing_yet)
    wall: dict[str, list[float]] = field(default_factory=_nothing_yet)
    statuses: set[int] = field(default_factory=set)

    def ask(self, which: str) -> None:
        """Ask once and keep the time."""
        act = self.known() if which == "known" else self.unknown()
        started, on_the_wall = time.process_time(), time.perf_counter()
        answer = act()
        self.took[which].append((time.process_time() - started) * 1000)
        self.wall[which].append((time.perf_counter() - on_the_wall) * 1000)
        self.statuses.add(getattr(answer, "status_code", 0))

    @property
    def gap_ms(self) -> float:
        """How far the two medians are apart, by whichever clock tells more."""
        return max(abs(median(clock["known"]) - median(clock["unknown"])) for clock in (self.took, self.wall))


def run(ground: Ground) -> Result:
    """Ask each door 25 times a round about each, in a random order; twenty rounds are the 500 tries of the promise."""
    recorder = Recorder("E4")
    with override_settings(**PRODUCTION):
        hashed = make_password(PASSWORD)
        doors, careless = _doors(hashed), _careless(hashed)
        _ask(ground, doors.values(), rounds=1, tries=1)
        for door in doors.values():
            door.took, door.wall = _nothing_yet(), _nothing_yet()
        _ask(ground, doors.values(), rounds=ground.rounds, tries=TRIES_A_ROUND)
        _ask(ground, [careless], rounds=1, tries=CONTROL_TRIES)
    remarks = [_judged(ground, name, door) for name, door in doors.items()]
    remarks.append(f"for comparison, a sign-in that hashes for known addresses only: apart {careless.gap_ms:.1f} ms")
    if careless.gap_ms < LIMIT_MS:
        ground.notes.append("the careless sign-in was not told apart: this measurement sees nothing")
    return results.judge(ground, recorder, recorder.tally(recorder.found([])), remarks)


def _ask(ground: Ground, doors: Any, *, rounds: int, tries: int) -> None:
    for _ in range(rounds):
        for door in doors:
            order = ["known", "unknown"] * tries
            ground.random.shuffle(order)
            for which in order:
                door.ask(which)


def _judged(ground: Ground, name: str, door: Door) -> str:
    """Complain of what tells the two apart; return what was measured."""
    known, unknown = (round(median(door.took[which]), 1) for which in ("known", "unknown"))
    if len(door.statuses) != 1:
        ground.notes.append(f"{name} answers with {sorted(door.statuses)}")
    if len(door.took["known"]) >= ENOUGH and door.gap_ms >= LIMIT_MS:
        ground.notes.append(f"{name}: the medians are {door.gap_ms:.1f} ms apart")
    walls = " and ".join(f"{median(door.wall[which]):.1f}" for which in ("known", "unknown"))
    tries = len(door.took["known"])
    return f"{name}: {known} ms known, {unknown} ms unknown (median of {tries}), apart {door.gap_ms:.2f}; wall {walls}"


def _doors(hashed: str) -> dict[str, Door]:
    """Return the doors; every try is about somebody else, so that no limit is met."""
    wrong = {"password": "wrong password"}
    return {
        "sign-in": Door(
            lambda: _post("/sign-in/", {"email": _somebody(hashed).email, **wrong}),
            lambda: _post("/sign-in/", {"email": _nobody(), **wrong}),
        ),
        "password reset": Door(
            lambda: _post("/password/", {"email": _somebody(hashed).email}),
            lambda: _post("/password/", {"email": _nobody()}),
        ),
        "invitation": Door(lambda: _closed_invitation(hashed), lambda: _get(f"/invitation/{'x' * 43}/")),
        "API": Door(lambda: _revoked_token(hashed), lambda: _with_token(f"ph_{'x' * 43}")),
    }


def _somebody(hashed: str) -> Staff:
    address = f"{new_public_id()}@cast.test"
    return Staff.objects.create(email=address, name="Known", role="agent", password=hashed)


def _nobody() -> str:
    return f"{new_public_id()}@cast.test"


def _post(path: str, data: dict[str, str]) -> Ask:
    return partial(Client().post, path, data)


def _get(path: str) -> Ask:
    return partial(Client().get, path)


def _closed_invitation(hashed: str) -> Ask:
    invited = invitations.invite(person=_somebody(hashed), invited_by=None, is_mailed=False)
    invitations.revoke_open(person=invited.invitation.staff)
    return _get(f"/invitation/{invited.link.rstrip('/').rpartition('/')[2]}/")


def _revoked_token(hashed: str) -> Ask:
    token, secret = api_tokens.issue(person=_somebody(hashed), name="E4", scopes=["read"], actor=SYSTEM)
    api_tokens.revoke(token=token, actor=SYSTEM)
    return _with_token(secret)


def _with_token(secret: str) -> Ask:
    return partial(Client(headers={"authorization": f"Bearer {secret}"}).get, "/api/v1/tickets/")


def _careless(hashed: str) -> Door:
    """A weak stub: it compares a password only where there is one."""

    def sign_in(address: str) -> bool:
        person = Staff.objects.filter(email=address).first()
        return person is not None and check_password("wrong password", person.password)

    return Door(lambda: partial(sign_in, _somebody(hashed).email), lambda: partial(sign_in, _nobody()))
