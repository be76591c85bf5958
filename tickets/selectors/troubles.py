"""What is wrong with the system now, read from signs of life, waiting rows and disks; each is of an alarm's kind."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings

from core import disks, heartbeat
from core.clock import from_now
from core.heartbeat import Pulse
from security.models import ActionDenial
from tickets.alarm_kinds import KINDS
from tickets.models import SocialImpostor
from tickets.selectors import backlog, reveal_alarms

OVERDUE_S = 60
DENIED_FOR = timedelta(hours=24)
MAX_DENIED = 20
POSES_FOR = timedelta(hours=24)
MAX_IMPOSTORS = 20
MAILBOX = "mailbox:"
FUND_RULE = {"fund rule": "catalog", "fund rule proof": "bypass"}
PROCESSES = {
    "worker": "worker-silent",
    "beat": "beat-silent",
    "mail": "mail-silent",
    "discord": "discord-silent",
    "sockets": "sockets-silent",
    "sweeper": "sweeper-silent",
    "audit sealer": "sealer-silent",
    "audit anchor": "anchor-silent",
    "backup": "backup-silent",
}
# What follows from another trouble is not told beside it.
FOLLOWS: dict[str, frozenset[str]] = {
    "worker-silent": frozenset({"redis-away"}),
    "beat-silent": frozenset({"redis-away"}),
    "sweeper-silent": frozenset({"redis-away", "beat-silent"}),
    "sealer-silent": frozenset({"redis-away", "beat-silent"}),
    "anchor-silent": frozenset({"redis-away", "beat-silent", "sweeper-silent"}),
    "audit-unverified": frozenset({"redis-away", "worker-silent", "beat-silent"}),
    "fund-rule-unproven": frozenset({"redis-away", "beat-silent", "sweeper-silent"}),
    "disk-low": frozenset({"disk-full"}),
}
# What a process can judge that sees no other process's disks.
BY_ANYBODY = frozenset(KINDS) - {"disk-low", "disk-full"}
BY_THE_ROUNDS = frozenset(KINDS)


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that is wrong: the kind of alarm it is, which one it is about, and one sentence."""

    kind: str
    about: str = ""
    detail: str = ""


def found(*, judged: frozenset[str], redis: str = "") -> list[Trouble]:
    """Return what is wrong of the kinds `judged`; `redis` is the complaint of whoever has just asked Redis."""
    raw = [*_of_pulses(heartbeat.pulses()), *_overdue(), *_denied(), *_impostors(), *_of_insiders()]
    if redis:
        raw.append(Trouble("redis-away", detail=redis))
    if "disk-low" in judged:
        raw += _disks()
    kinds = {trouble.kind for trouble in raw}
    # The same may be known in two ways, such as a full disk measured and met: what was measured comes last and counts.
    told = {(trouble.kind, trouble.about): trouble for trouble in raw if trouble.kind in judged}
    return [trouble for trouble in told.values() if not kinds & FOLLOWS.get(trouble.kind, frozenset())]


def _of_pulses(pulses: Iterable[Pulse]) -> Iterator[Trouble]:
    bad = [pulse for pulse in pulses if not pulse.is_ok]
    mail_is_silent = any(pulse.name == "mail" for pulse in bad)
    for pulse in bad:
        if pulse.name in PROCESSES:
            yield Trouble(PROCESSES[pulse.name], detail=_since(pulse))
        elif pulse.name.startswith(MAILBOX):
            if not (pulse.is_silent and mail_is_silent):
                yield Trouble("mailbox-down", pulse.name.removeprefix(MAILBOX), _since(pulse))
        elif pulse.name.startswith(heartbeat.RELAY):
            yield Trouble("relay-down", pulse.name.removeprefix(heartbeat.RELAY), pulse.detail)
        elif pulse.name.startswith(heartbeat.FULL):
            yield Trouble("disk-full", pulse.name.removeprefix(heartbeat.FULL))
        elif pulse.name == "audit chain":
            yield Trouble("audit-unverified" if pulse.is_silent else "audit-broken", detail=_since(pulse))
        elif pulse.name in FUND_RULE:
            kind = "fund-rule-unproven" if pulse.is_silent else "fund-rule-broken"
            yield Trouble(kind, FUND_RULE[pulse.name], _since(pulse))


def _since(pulse: Pulse) -> str:
    if not pulse.is_silent:
        return pulse.detail
    return "never seen" if pulse.age_s is None else ""


def _overdue() -> Iterator[Trouble]:
    for name, age_s in backlog.oldest_waiting_s().items():
        if age_s >= OVERDUE_S:
            yield Trouble(f"{name}-overdue")
    for waiting in backlog.at_the_exchange(late_s=OVERDUE_S):
        yield Trouble(waiting.kind, detail=f"{waiting.count}, {waiting.age_s:.0f} s")


def _disks() -> Iterator[Trouble]:
    room = disks.room(Path(settings.MEDIA_ROOT))
    if room.is_full or room.is_low:
        detail = f"{room.free // 1_000_000} MB free of {room.total // 1_000_000} MB"
        yield Trouble("disk-full" if room.is_full else "disk-low", "media", detail)


def _denied() -> Iterator[Trouble]:
    """Find what customers said was not them: for a day, since no machine sees that somebody has looked into it."""
    lately = ActionDenial.objects.filter(denied_at__gt=from_now(-DENIED_FOR)).order_by("denied_at")
    for public_id, kind in lately.values_list("action__public_id", "action__kind")[:MAX_DENIED]:
        yield Trouble("action-denied", public_id, kind)


def _impostors() -> Iterator[Trouble]:
    """Find who poses as us: for a day, since no machine sees that somebody has looked into it."""
    lately = SocialImpostor.objects.filter(seen_at__gt=from_now(-POSES_FOR)).order_by("-seen_at")
    for member, server, account in lately.values_list("member_id", "server_id", "account__name")[:MAX_IMPOSTORS]:
        yield Trouble("impersonator", member, f"{account}: member {member}, server {server}")


def _of_insiders() -> Iterator[Trouble]:
    """Find what our own people do with customers' data that no work explains."""
    for kind, who, said in reveal_alarms.found():
        yield Trouble(kind, who, said)
