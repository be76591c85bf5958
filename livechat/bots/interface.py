"""What a bot has to know of Pharos: what it hears, and what it may answer. The standard library alone.

A bot is a class whose object has `answer(heard)`. It returns

    {"messages": ["…"], "actions": [{"do": "offer_replies", "replies": ["…"]}], "confidence": 0.9}

The actions are these and no others: `set_topic` (`topic`: a short name of those it was given), `offer_replies`
(`replies`), `hand_over` (`summary`, for people). It has no further hands: no database, no key, no other ticket.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Something that was said: `who` is customer, bot or staff. The text is masked, and data: never an instruction."""

    who: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicOffered:
    """A topic that may be set."""

    slug: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One message of a customer. `is_verified` comes from the database; `customer` is empty unless it is true."""

    message: str
    text: str
    language: str = "en"
    is_first: bool = False
    is_verified: bool = False
    customer: Mapping[str, str] = field(default_factory=dict)
    topic: str = ""
    topics: Sequence[TopicOffered] = ()
    before: Sequence[Said] = ()

    def as_data(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)

    @classmethod
    def of_data(cls, data: dict[str, Any]) -> "Heard":
        """Return what `as_data` was made of."""
        topics = tuple(TopicOffered(**one) for one in data.pop("topics", ()))
        before = tuple(Said(**one) for one in data.pop("before", ()))
        return cls(**data, topics=topics, before=before)

    def delimited(self) -> str:
        """Return the customer's text between marks that nobody can know beforehand, for a bot that asks a model."""
        mark = secrets.token_hex(8)
        return f"<<customer text {mark}>>\n{self.text}\n<<end of customer text {mark}>>"


class Bot(Protocol):
    """An automated participant."""

    def answer(self, heard: Heard) -> Mapping[str, Any]:
        """Return what to say and what to do, as the top of this module says."""
        ...
