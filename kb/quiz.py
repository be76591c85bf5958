"""The quiz "Would you fall for it?": its questions, and what a string of answers is worth. No answers are kept."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from kb import languages

FILE = Path(__file__).with_name("quiz.yaml")
KINDS = ("mail", "chat", "call", "sms", "site")
# How an address writes an answer: a scam, or real.
SCAM, REAL = "s", "r"


@dataclass(frozen=True, slots=True)
class Question:
    """One example in one language."""

    kind: str
    is_scam: bool
    language: str
    sender: str
    shown: str
    why: str

    @property
    def right(self) -> str:
        """Return the right answer."""
        return SCAM if self.is_scam else REAL


@dataclass(frozen=True, slots=True)
class Stand:
    """Where somebody is: how many answers were right, the last question with its answer, and the next one."""

    given: str
    right: int
    total: int
    last: Question | None
    is_last_right: bool
    next: Question | None
    wrong: tuple[Question, ...]

    @property
    def place(self) -> int:
        """Return the number of the question that comes next."""
        return len(self.given) + 1


def questions(language: str) -> tuple[Question, ...]:
    """Return every question in the first language of the reader's that the quiz is written in."""
    known = _read()
    return next(known[code] for code in languages.chain(language) if code in known)


def stand(given: str, language: str) -> Stand | None:
    """Return where a string of answers leads; None when it is no such string."""
    every = questions(language)
    if len(given) > len(every) or set(given) - {SCAM, REAL}:
        return None
    judged = [(one, one.right == answer) for one, answer in zip(every, given, strict=False)]
    return Stand(
        given=given,
        right=sum(is_right for _one, is_right in judged),
        total=len(every),
        last=judged[-1][0] if judged else None,
        is_last_right=bool(judged) and judged[-1][1],
        next=every[len(given)] if len(given) < len(every) else None,
        wrong=tuple(one for one, is_right in judged if not is_right),
    )


@cache
def _read() -> dict[str, tuple[Question, ...]]:
    rows: list[dict[str, Any]] = yaml.safe_load(FILE.read_text())
    codes = [code for code in languages.LANGUAGES if all(code in row for row in rows)]
    return {
        code: tuple(Question(row["kind"], row["is_scam"], code, **_words(row[code])) for row in rows) for code in codes
    }


def _words(said: dict[str, str]) -> dict[str, str]:
    return {name: said[name].strip() for name in ("sender", "shown", "why")}
