"""The letters of the great trial of the mail reader, each made from a seed and its number alone, and their verdicts.

Of eight, two are written from known words, one is a mail of the test corpus told again in another form, and five are
mails of the test corpus damaged; what they are damaged with comes from anywhere.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, partial
from random import Random

from tests.corpus import bounces
from tests.corpus.clients import CLIENTS
from tests.corpus.damage import damaged, retold
from tests.corpus.wellformed import Author, Written
from tests.unit.tickets.email import corpus
from tickets.channels.email.parse import ParsedMail, Unparsable, parse

MOST_BYTES = 30_000


@dataclass(frozen=True)
class Letter:
    """One mail: `written` is what went into it, `original` the mail that it must read like; damaged ones have neither."""

    number: int
    raw: bytes
    written: Written | None = None
    original: bytes | None = None

    @property
    def is_well_formed(self) -> bool:
        """Whether it must be read as it was meant."""
        return self.written is not None or self.original is not None


@dataclass
class Verdicts:
    """What came of many letters."""

    letters: int = 0
    well_formed: int = 0
    read_as_meant: int = 0
    damaged: int = 0
    damaged_readable: int = 0
    crashes: list[str] = field(default_factory=list)
    misread: list[str] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)
    slowest_s: float = 0.0

    def judge(self, letter: Letter) -> None:
        """Read one letter and count what came of it."""
        started = time.process_time()
        wrong, reason, crash = _outcome(letter)
        self.slowest_s = max(self.slowest_s, time.process_time() - started)
        self.letters += 1
        self.well_formed += letter.is_well_formed
        self.damaged += not letter.is_well_formed
        if crash:
            self.crashes.append(f"letter {letter.number}: {crash}")
        if reason:
            self.refused[reason] = self.refused.get(reason, 0) + 1
        if not letter.is_well_formed:
            self.damaged_readable += not reason and not crash
        elif wrong:
            self.misread.append(f"letter {letter.number}: {wrong[:300]}")
        else:
            self.read_as_meant += 1


def letter(seed: str, number: int, *, mark: str = "") -> Letter:
    """Return the letter of this number; `mark` is put into the words of one that is written from known words."""
    random = Random(f"{seed}/{number}")  # noqa: S311 - repeatable, protects nothing
    kind = number % 8
    if kind < 2:
        written = Author(random).mail(mark=mark, local=f"writer-{seed}-{number}")
        return Letter(number, written.raw, written=written)
    if kind == 2:
        source = random.choice(_readable())()
        return Letter(number, retold(source, random), original=source)
    sources = _sources()
    source = random.choice(sources)()
    other = Author(random).mail().raw if random.random() < 0.3 else random.choice(sources)()
    return Letter(number, damaged(source, other, random))


def gist(mail: ParsedMail) -> tuple[object, ...]:
    """What a reader sees of a mail, however it is told; files in text form take the line ends of the mail."""
    files = tuple((file.filename, file.content.replace(b"\r\n", b"\n"), file.is_inline) for file in mail.attachments)
    return (
        mail.subject, mail.sender.name, mail.sender.address, mail.message_id, mail.text, mail.quoted_text, mail.kind,
        tuple(address.key for address in mail.to), files,
    )  # fmt: skip


def _outcome(letter: Letter) -> tuple[str, str, str]:
    """Return what was read wrongly, the reason of a refusal, and how the reader fell over."""
    try:
        read = parse(letter.raw)
    except Unparsable as refused:
        crash = refused.sentence if refused.reason in ("parser_failure", "out_of_memory") else ""
        return f"refused: {refused.reason}", refused.reason, crash
    except Exception as error:  # noqa: BLE001 - the promise is that there is none
        return "crashed", "", repr(error)[:200]
    if letter.written is not None:
        return "; ".join(letter.written.differences(read)), "", ""
    if letter.original is not None:
        pairs = zip(gist(parse(letter.original)), gist(read), strict=True)
        return "; ".join(f"{there!r} instead of {wanted!r}" for wanted, there in pairs if wanted != there), "", ""
    return "", "", ""


@cache
def _readable() -> list[Callable[[], bytes]]:
    """Builders of the readable mails of the corpus; replies of mail clients among them."""
    return [build for build in corpus.READABLE.values() if len(build()) < MOST_BYTES] + [
        _reply(style.plain, "plain") for style in CLIENTS.values()
    ] + [_reply(style.markup, "html") for style in CLIENTS.values() if style.markup] + [
        partial(bounces.raw, bounce) for bounce in bounces.BOUNCES.values()
    ]  # fmt: skip


@cache
def _sources() -> list[Callable[[], bytes]]:
    """Builders of everything worth damaging."""
    quarantined = [build for _, build in corpus.QUARANTINED.values() if len(build()) < MOST_BYTES]
    return [*_readable(), *quarantined]


def _reply(form: str, kind: str) -> Callable[[], bytes]:
    words = form.replace("{new}", "new words").replace("{old}", "old words").replace("{signature}", "Li")
    fields = {"Content-Type": f"text/{kind}; charset=utf-8", "Subject": "Re: Withdrawal"}
    return lambda: corpus.mail(words.replace("\n", "\r\n"), headers=fields)
