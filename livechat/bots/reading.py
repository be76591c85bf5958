"""Reading a bot's answer: a closed, bounded shape. An answer with anything else in it is refused whole."""

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

MAX_BYTES = 64 * 1024
# Under this a person is better.
SURE_ENOUGH = 0.5
NAME = re.compile(r"[a-z_]{1,40}")
ACTIONS = frozenset({"set_topic", "offer_replies", "hand_over"})
Label = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^\S[^\r\n]*$")]


class AnswerRefused(Exception):
    """The answer is none; `reasons` says why in words of ours."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(", ".join(reasons))
        self.reasons = reasons


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class SetTopic(_Shape):
    """Set the topic of this conversation's ticket, to one of those offered."""

    do: Literal["set_topic"]
    topic: str = Field(min_length=1, max_length=80)


class OfferReplies(_Shape):
    """Show buttons that say these words for the visitor."""

    do: Literal["offer_replies"]
    replies: list[Label] = Field(min_length=1, max_length=12)


class HandOver(_Shape):
    """Hand the conversation to people."""

    do: Literal["hand_over"]
    summary: str = Field(default="", max_length=2_000)


class Answer(_Shape):
    """What a bot says and proposes, and how sure it is."""

    messages: list[Annotated[str, Field(min_length=1, max_length=2_000)]] = Field(default_factory=list, max_length=3)
    actions: list[Annotated[SetTopic | OfferReplies | HandOver, Field(discriminator="do")]] = Field(
        default_factory=list, max_length=3
    )
    confidence: float = Field(ge=0, le=1, allow_inf_nan=False)


def read(raw: bytes) -> Answer:
    """Return the answer. Raises AnswerRefused, which names what was asked for beyond the closed list."""
    if len(raw) > MAX_BYTES:
        raise AnswerRefused("too_large")
    try:
        return Answer.model_validate_json(raw)
    except (ValidationError, UnicodeDecodeError, RecursionError) as error:
        problems = error.errors(include_url=False, include_input=True) if isinstance(error, ValidationError) else []
        raise AnswerRefused(*_reasons(problems)) from None


def _reasons(problems: Any) -> list[str]:  # noqa: ANN401 -- pydantic's list of problems
    found: dict[str, None] = {}
    for one in problems[:10]:
        if one["type"] == "union_tag_invalid":
            tag = str(one.get("ctx", {}).get("tag", ""))
            found[f"action:{tag}" if NAME.fullmatch(tag) else "action:unnamed"] = None
        else:
            place = str(one["loc"][0]) if one["loc"] else "whole"
            found[f"shape:{place}" if NAME.fullmatch(place) else "shape:unnamed"] = None
    return list(found) or ["shape:whole"]
