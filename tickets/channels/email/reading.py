"""Reading a raw mail: here when it is small, in a child process with bounds when it is large or has failed before."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

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
    try:
        done = subprocess.run(
            [sys.executable, "-m", "tickets.channels.email.reading_child"],
            input=raw,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=CHILD_TIMEOUT_S,
            cwd=_ROOT,
            # Nothing of our environment: it holds keys.
            env={"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8"},
            check=False,
        )
    except (subprocess.TimeoutExpired, OSError) as error:
        raise ReaderDied(type(error).__name__) from error
    kind, answer = done.stdout[:1], done.stdout[1:]
    if done.returncode == 0 and kind == b"-":
        reason, _, sentence = answer.decode("utf-8", "replace").partition("\n")
        raise Unparsable(reason, sentence)
    if done.returncode != 0 or kind != b"+":
        message = f"exit code {done.returncode}"
        raise ReaderDied(message)
    try:
        return wire.decode(answer)
    except (ValueError, KeyError, TypeError) as error:
        raise ReaderDied(type(error).__name__) from error
