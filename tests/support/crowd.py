"""Many visitors at once: the widget's own modules in one Node process, joined to the running system by real sockets."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from helpdesk.embedded.places import ROOT
from livechat.models import ChatInbox
from tests.factories.livechat import ORIGIN
from tests.support.system import RunningSystem

FRONTEND = ROOT / "frontend"
SOURCE = "src/crowd/main.ts"


@dataclass(frozen=True)
class Tab:
    """One tab as it stands: `messages` are pairs of public number and text, in the order shown."""

    chat: str
    is_live: bool
    unsent: int
    messages: list[tuple[int, str]]


@dataclass(frozen=True)
class Journal:
    """Moments of the monotonic clock, which all processes share, by text."""

    written: dict[str, float]
    acknowledged: dict[str, float]
    arrived: dict[str, float]


@dataclass
class Crowd:
    """Speaks to the Node process: one line there, one line back."""

    process: "subprocess.Popen[str]"
    site: dict[str, str]

    def open(self, texts: Sequence[str], *, tabs: int = 1) -> list[str]:
        """Open a conversation with each text; return all chats by their visitors' numbers, once all sockets live."""
        answer = self._ask({"do": "open", "site": self.site, "count": len(texts), "tabs": tabs, "texts": list(texts)})
        chats: list[str] = answer["chats"]
        if answer["live"] < len(chats) or not all(chats):
            message = f"{answer['live']} of {len(chats)} visitors are connected."
            raise RuntimeError(message)
        return chats

    def say(self, items: Iterable[tuple[int, int, str]]) -> None:
        """Let each (visitor, tab) write a text; whether it is acknowledged is told by the journal."""
        self._ask({"do": "say", "items": [list(item) for item in items]})

    def weather(self, **weather: float) -> None:
        """Set what goes wrong on the way; nothing, when nothing is named. See `Weather` in frontend/src/crowd."""
        self._ask({"do": "weather", "weather": weather})

    def online(self, visitors: Iterable[int], *, is_on: bool) -> None:
        """Take these visitors' network away, or give it back."""
        self._ask({"do": "online", "is": is_on, "visitors": list(visitors)})

    def caught_up(self, expected: Mapping[str, int], *, patience_s: float, connected: bool = False) -> dict[str, float]:
        """Wait until each tab has its chat's messages up to a number (and is `connected`); return when, where it did."""
        command = {"do": "caught_up", "expected": expected, "patience_s": patience_s, "connected": connected}
        at: dict[str, float] = self._ask(command)["at"]
        return at

    def journal(self) -> Journal:
        """Return when what was written, acknowledged and arrived so far."""
        return Journal(**self._ask({"do": "journal"}))

    def tabs(self) -> list[Tab]:
        """Return every tab as it stands."""
        return [
            Tab(one["chat"], one["is_live"], one["unsent"], [(seq, text) for seq, text in one["messages"]])
            for one in self._ask({"do": "dump"})["tabs"]
        ]

    def _ask(self, command: dict[str, Any]) -> dict[str, Any]:
        if self.process.stdin is None or self.process.stdout is None:
            raise RuntimeError("The crowd has no pipes.")
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("The crowd ended by itself.")
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextmanager
def gathered(running: RunningSystem, inbox: ChatInbox) -> Iterator[Crowd]:
    """A crowd without anybody yet, in front of `inbox`; gone when the block ends."""
    program = running.running.places.run / "crowd.mjs"
    _build(program)
    process = subprocess.Popen(
        [_node(), "--experimental-websocket", "--no-warnings", str(program)], cwd=ROOT, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    site = {
        "base": f"{running.url}/chat/{inbox.slug}/",
        "socketUrl": f"{running.socket_url}/ws/chat/",
        "inbox": inbox.slug,
        "origin": ORIGIN,
        "ours": settings.SITE_URL,
    }
    try:
        yield Crowd(process, site)
    finally:
        process.kill()
        process.communicate()


def _build(target: Path) -> None:
    bundler = FRONTEND / "node_modules" / ".bin" / "rolldown"
    words = [str(bundler), SOURCE, "--platform", "node", "--file", str(target), "--log-level", "silent"]
    done = subprocess.run(words, cwd=FRONTEND, text=True, capture_output=True, check=False, env=_environment())
    if done.returncode != 0:
        message = f"The crowd cannot be built: {done.stdout}{done.stderr}"
        raise RuntimeError(message)


def _node() -> str:
    return shutil.which("node", path=_environment()["PATH"]) or "node"


def _environment() -> dict[str, str]:
    """Node of the system, or the environment's own where it has none."""
    return {**os.environ, "PATH": f"{os.environ.get('PATH', '')}:{ROOT / '.venv' / 'bin'}"}
