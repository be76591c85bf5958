"""Reading a raw mail: here when it is small, in a child process with bounds when it is large or has failed before."""

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Final

from tickets.channels.email import wire
from tickets.channels.email.parse import ParsedMail, Unparsable, parse

ISOLATE_FROM_BYTES: Final = 1024 * 1024
CHILD_TIMEOUT_S: Final = 35
_ROOT: Final = Path(__file__).resolve().parents[3]


class ReaderDied(Exception):
    """The child crashed or hung; the mail may be poison, or the machine short of memory."""


def read(raw: bytes, *, is_suspect: bool) -> ParsedMail:
    """Return the parsed mail. Raises Unparsable, and ReaderDied when the isolated reader gave no answer."""
    if not is_suspect and len(raw) <= ISOLATE_FROM_BYTES:
        return parse(raw)
    return read_in_child((raw,))


def read_in_child(pieces: Iterable[bytes]) -> ParsedMail:
    """Do the same in a child, which is handed the mail piece by piece: this process never holds it whole.

    Whatever `pieces` raises passes through.
    """
    try:
        child = subprocess.Popen(
            [sys.executable, "-m", "tickets.channels.email.reading_child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=_ROOT,
            # Nothing of our environment: it holds keys.
            env={"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8"},
        )
    except OSError as error:
        raise ReaderDied(type(error).__name__) from error
    with child:
        patience = threading.Timer(CHILD_TIMEOUT_S, child.kill)
        patience.start()
        try:
            if child.stdin is None or child.stdout is None:
                message = "no pipes"
                raise ReaderDied(message)
            _hand_over(pieces, child.stdin)
            return _answer(child, child.stdout)
        finally:
            patience.cancel()
            child.kill()


def _hand_over(pieces: Iterable[bytes], to: IO[bytes]) -> None:
    """Write the mail; a child that has stopped listening says why by its end."""
    with contextlib.suppress(BrokenPipeError), contextlib.closing(to):
        for piece in pieces:
            to.write(piece)


def _answer(child: "subprocess.Popen[bytes]", answer: IO[bytes]) -> ParsedMail:
    """Read the verdict; what a dying child has left behind counts for nothing."""
    kind = answer.read(1)
    mail: ParsedMail | None = None
    failure: Exception | None = None
    refusal = b""
    if kind == b"+":
        try:
            mail = wire.decode(answer)
        except (ValueError, KeyError, TypeError) as error:
            failure = error
    elif kind == b"-":
        refusal = answer.read(10_000)
    # A child with more to say than an answer would wait for a reader for ever.
    answer.close()
    code = child.wait()
    if code != 0 or (kind not in (b"+", b"-")):
        message = f"exit code {code}"
        raise ReaderDied(message) from failure
    if mail is not None:
        return mail
    if failure is not None:
        raise ReaderDied(type(failure).__name__) from failure
    reason, _, sentence = refusal.decode("utf-8", "replace").partition("\n")
    raise Unparsable(reason, sentence)
