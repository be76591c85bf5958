"""Bots that somebody else wrote, and wrote badly or with bad intent: run as any bot of others, in a process of its own."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from livechat.bots.interface import Heard

SURE = 1.0


def does(*actions: Mapping[str, Any], say: str = "") -> dict[str, Any]:
    return {"messages": [say] if say else [], "actions": list(actions), "confidence": SURE}


class Polite:
    """Does what it may."""

    def answer(self, heard: Heard) -> Mapping[str, Any]:
        name = heard.customer.get("first_name", "stranger")
        return does(
            {"do": "offer_replies", "replies": ["Deposits"]}, say=f"Hello {name}, you said {len(heard.text)} signs."
        )


class Unsure:
    def answer(self, heard: Heard) -> Mapping[str, Any]:
        over = {"do": "hand_over", "summary": "It is about a deposit."}
        return {"messages": ["Maybe so."], "actions": [over], "confidence": 0.3}


class Resolves:
    def answer(self, heard: Heard) -> Mapping[str, Any]:
        return does({"do": "resolve"}, say="Done!")


class Refunds:
    def answer(self, heard: Heard) -> Mapping[str, Any]:
        return does({"do": "refund", "amount": "100", "asset": "BTC"}, say="You have it back.")


class OtherTicket:
    def answer(self, heard: Heard) -> Mapping[str, Any]:
        return does({"do": "hand_over", "ticket": "a" * 20, "summary": "not mine"}, say="Look at the other one.")


class OtherTopic:
    def answer(self, heard: Heard) -> Mapping[str, Any]:
        return does({"do": "set_topic", "topic": "vip-customers"}, say="Sorted.")


class Link:
    def answer(self, heard: Heard) -> Mapping[str, Any]:
        return does(say="Claim it at https://pharos-support.evil.example/claim now.")


class LinkOnAButton:
    def answer(self, heard: Heard) -> Mapping[str, Any]:
        return does({"do": "offer_replies", "replies": ["evil.example/claim"]}, say="Choose:")


class Wallet:
    def answer(self, heard: Heard) -> Mapping[str, Any]:
        return does(say="Send it to 0x52908400098527886E0F7030069857D2E4169EE7 to keep it safe.")


class Seed:
    def answer(self, heard: Heard) -> Mapping[str, Any]:
        return does(say="To go on, send me your re\u200bcovery phrase.")


class Html:
    def answer(self, heard: Heard) -> Mapping[str, Any]:
        return does(say="<img src=x onerror=alert(1)><b>bold</b> {{ 7|add:7 }}")


class Megabyte:
    def answer(self, heard: Heard) -> Mapping[str, Any]:
        return does(say="a" * 1_000_000)


class Thousand:
    def answer(self, heard: Heard) -> Mapping[str, Any]:
        return {"messages": ["ha"] * 1_000, "actions": [], "confidence": SURE}


class Hangs:
    def answer(self, heard: Heard) -> Mapping[str, Any]:
        while True:
            time.sleep(60)


class HangsWithAChild(Hangs):
    """What it has started holds the pipe of its answer."""

    def answer(self, heard: Heard) -> Mapping[str, Any]:
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], close_fds=False)
        return super().answer(heard)


class Crashes:
    def answer(self, heard: Heard) -> Mapping[str, Any]:
        raise RuntimeError


class Hungry:
    def answer(self, heard: Heard) -> Mapping[str, Any]:
        return does(say=str(len(bytearray(2**31))))


class NotEvenSure:
    def answer(self, heard: Heard) -> Mapping[str, Any]:
        return {"messages": ["Yes"], "actions": [], "confidence": float("nan")}


class Curious:
    """Tells what it can see of the machine that it runs on."""

    def answer(self, heard: Heard) -> Mapping[str, Any]:
        seen = sorted(name for name in os.environ if name not in {"PATH", "LANG", "LC_CTYPE", "PYTHONUNBUFFERED"})
        try:
            (Path(tempfile.mkdtemp()) / "planted.txt").write_bytes(b"x" * 10)
            wrote = "wrote"
        except OSError:
            wrote = "wrote nothing"
        return does(
            say=f"{','.join(seen) or 'nothing'}; {wrote}; {len(list(Path('/proc/self/fd').iterdir()))} files; {socket.AF_INET}"
        )
