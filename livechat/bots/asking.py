"""Asking a bot: ours in this process, one of others in a child with bounds and without anything of ours."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.utils import translation

from livechat.bots import reading
from livechat.bots.interface import Bot, Heard
from livechat.bots.registry import Registered

ROOT: Final = Path(__file__).resolve().parents[2]
# What a bot is configured by; nothing else of our environment, which holds keys.
OWN: Final = "PHAROS_BOT_"


class BotFailed(Exception):
    """The bot crashed, hung or said nothing."""


def ask(bot: Registered, heard: Heard) -> reading.Answer:
    """Return what the bot answers. Raises BotFailed, reading.AnswerRefused."""
    raw = json.dumps(_ours(bot, heard)).encode() if bot.is_ours else _by_a_child(bot, heard)
    return reading.read(raw)


def _ours(bot: Registered, heard: Heard) -> Mapping[str, Any]:
    module, _colon, name = bot.path.partition(":")
    one: Bot = getattr(import_module(module), name)()
    with translation.override(heard.language):
        return one.answer(heard)


def _by_a_child(bot: Registered, heard: Heard) -> bytes:
    own = {name: value for name, value in os.environ.items() if name.startswith(OWN)}
    try:
        child = subprocess.Popen(
            [sys.executable, "-m", "livechat.bots.child", bot.path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            env={"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8", **own},
            # With it goes whatever it has started.
            start_new_session=True,
        )
    except OSError as error:
        raise BotFailed(type(error).__name__) from error
    with child:
        patience = threading.Timer(settings.CHAT_BOT_TIMEOUT_S, _end, (child,))
        patience.start()
        try:
            raw = _talk(child, json.dumps(heard.as_data()).encode())
        finally:
            patience.cancel()
            _end(child)
    return raw


def _talk(child: "subprocess.Popen[bytes]", words: bytes) -> bytes:
    """Hand it what it hears and read its answer, one byte more than may be at most; the rest is nobody's."""
    if child.stdin is None or child.stdout is None:
        raise BotFailed("no pipes")
    try:
        child.stdin.write(words)
        child.stdin.close()
    except BrokenPipeError as error:
        raise BotFailed("deaf") from error
    raw = bytes(child.stdout.read(reading.MAX_BYTES + 1))
    if len(raw) > reading.MAX_BYTES:
        return raw
    if child.wait() != 0:
        raise BotFailed(f"exit code {child.returncode}")
    return raw


def _end(child: "subprocess.Popen[bytes]") -> None:
    """End the child and whatever it has started."""
    try:
        os.killpg(child.pid, 9)
    except (ProcessLookupError, PermissionError):
        child.kill()
