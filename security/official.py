"""Whether a contact point is ours. Four answers, none of which is "safe": even our own channel can be abused."""

from dataclasses import dataclass
from enum import StrEnum

import phonenumbers

from security import contact_points, lookalikes
from security.contact_points import Point
from security.models import OfficialChannel
from security.models.official import ChannelKind

State = OfficialChannel.State
# What a host's labels say beside the name.
COMMON = frozenset({"www", "support", "help", "mail", "app", "m", "com", "co", "net", "org", "status"})


class Verdict(StrEnum):
    """What we say of it."""

    OFFICIAL = "official"
    NOT_OURS = "not_ours"
    REPORTED = "reported"
    LOOKALIKE = "lookalike"


@dataclass(frozen=True, slots=True)
class Answer:
    """The verdict on what was asked, as we read it, and the channel of ours that it is, or only looks like."""

    verdict: Verdict
    kind: str
    shown: str
    ours: str = ""
    ours_kind: str = ""

    @property
    def ours_label(self) -> str:
        """The kind of our channel in words."""
        return str(ChannelKind(self.ours_kind).label) if self.ours_kind else ""


@dataclass(frozen=True, slots=True)
class _Known:
    point: Point
    value: str
    state: str


def look_up(text: str, *, kind: str = "") -> Answer | None:
    """Answer for one contact point; None when the text names none. Reads the whole register, which is short."""
    known = _register()
    ours = [one for one in known if one.state == State.OFFICIAL]
    asked = contact_points.read(text, kind=kind, regions=_regions(ours))
    if asked is None:
        return None
    hides = lookalikes.has_hidden(text.strip())
    if not hides:
        same = [one for one in known if _is_same(asked, one.point, kind)]
        if reported := next((one for one in same if one.state == State.REPORTED), None):
            return Answer(Verdict.REPORTED, reported.point.kind, asked.shown)
        if found := next((one for one in same if one.state == State.OFFICIAL), None):
            return Answer(Verdict.OFFICIAL, found.point.kind, asked.shown, found.value, found.point.kind)
    imitated = next((one for one in ours if _imitates(asked, text, one.point)), None)
    if imitated is not None:
        return Answer(Verdict.LOOKALIKE, asked.kind, asked.shown, imitated.value, imitated.point.kind)
    return Answer(Verdict.NOT_OURS, asked.kind, asked.shown)


def _register() -> list[_Known]:
    rows = OfficialChannel.objects.order_by("pk").values_list("kind", "canonical", "value", "state")
    return [_Known(_point(kind, canonical), value, state) for kind, canonical, value, state in rows]


def _point(kind: str, canonical: str) -> Point:
    host = {"email": canonical.rpartition("@")[2], "domain": canonical, "link": canonical.partition("/")[0]}.get(kind)
    return Point(kind, canonical, canonical, host or "")


def _regions(ours: list[_Known]) -> set[str]:
    numbers = [one.point.canonical for one in ours if one.point.kind == ChannelKind.PHONE]
    regions = {phonenumbers.region_code_for_number(phonenumbers.parse(number)) for number in numbers}
    return {region for region in regions if region}


def _is_same(asked: Point, known: Point, kind: str) -> bool:
    if asked.kind == known.kind:
        if known.kind == ChannelKind.DOMAIN:
            return _is_within(asked.host, known.host)
        if known.kind == ChannelKind.LINK:
            return asked.canonical == known.canonical or asked.canonical.startswith(f"{known.canonical}/")
        return asked.canonical == known.canonical
    if asked.kind == ChannelKind.LINK and known.kind == ChannelKind.DOMAIN:
        return "@" not in asked.shown and _is_within(asked.host, known.host)
    # A bare name whose place nobody has said.
    is_bare = not kind and asked.kind == ChannelKind.OTHER
    return is_bare and known.kind in contact_points.HANDLES and asked.canonical == known.canonical


def _is_within(host: str, ours: str) -> bool:
    return host.removeprefix("www.") == ours or host.endswith(f".{ours}")


def _imitates(asked: Point, text: str, ours: Point) -> bool:
    """Whether it looks like this channel, or carries its name."""
    if ChannelKind.PHONE in {ours.kind, asked.kind}:
        return False
    if asked.kind in contact_points.HANDLES and ours.kind in contact_points.HANDLES:
        return lookalikes.looks_like(asked.shown, ours.canonical)
    if not ours.host:
        return lookalikes.looks_like(asked.shown, ours.canonical)
    brand = max((one for one in ours.host.split(".")[:-1] if one not in COMMON), key=len, default=ours.host)
    labels = [*contact_points.seen_host(asked.host).split("."), text, asked.shown]
    seen = [one for label in labels for one in (label, *label.replace("_", "-").split("-")) if one]
    return any(lookalikes.looks_like(label, brand) for label in seen)
