"""What must not leave in our name: asking for secrets or remote access, links that are not ours, wallet addresses.

Read before an agent's or a bot's words are stored. Customers learn from it what we never ask for, and nobody who holds
an agent's session or writes a bot can make our own chat the phishing page.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from enum import StrEnum
from urllib.parse import urlsplit

from django.conf import settings

from security import contact_points, official
from security.addresses import NETWORKS
from security.addresses.found import NotAnAddressError
from security.redaction.folding import fold


class Danger(StrEnum):
    """Why a text is held back."""

    SECRET = "secret"  # noqa: S105 -- a word
    REMOTE_ACCESS = "remote_access"
    LINK = "link"
    WALLET = "wallet"


_CLAUSE = re.compile(r"[.!?\n\r。！？;；]+(?=\s|$)|[\n\r。！？；]")
# What only sounds like a "no".
_IDLE = re.compile(r"\b(?:never mind|no (?:problem|worries)|(?:do not|don['’]?t) worry|without delay|not only)\b")
_NO = re.compile(
    r"\b(?:never|not|cannot|nobody|no one|without|nor|\w+n['’]t|stop|avoid|refuse)\b"
    r"|[不勿别莫]|没有人|无需|无须|切忌|禁止|拒绝"
)
_ASKS = re.compile(
    r"\b(?:send|tell|give|share|provide|paste|post|forward|confirm|read out|submit|upload|e-?mail|text|message"
    r"|reply with|what(?: is|'s|’s)|(?:we|i) (?:will |do )?(?:need|require)|let (?:me|us) (?:have|know)"
    r"|(?:enter|type|write)\b[^,]{0,40}\b(?:here|chat|below|back))\b"
    r"|提供|发送|发给|发来|发一下|告诉|告知|输入|回复|填写|给我|给我们|上传|粘贴|确认"
)
_SECRETS = re.compile(
    r"\b(?:pass ?words?|pass ?phrases?|pass ?codes?|pins?|seed(?: ?phrases?| ?words?)?|mnemonics?|private keys?"
    r"|secret keys?|api secrets?|(?:recovery|backup) (?:phrases?|words?|codes?|keys?)|otp"
    r"|(?:2fa|two[- ]factor|otp|one[- ]time|sms|verification|authenticat(?:or|ion)|security|login|sign[- ]in"
    r"|confirmation) (?:codes?|passwords?|pins?)|(?:12|24|twelve|twenty[- ]four)[- ]words?)\b"
    r"|密码|口令|验证码|动态码|助记词|私钥|恢复短语|种子短语|备份短语|密钥"
)
_REMOTE = re.compile(
    r"\b(?:any ?desk|team ?viewer|rust ?desk|ultra ?viewer|screen ?connect|log ?me ?in|quick assist"
    r"|remote (?:desktop|access|control|support|session)|share your screen)\b"
    r"|远程(?:控制|协助|桌面|访问)|向日葵远程|共享(?:你|您)?的?屏幕"
)
_LINK = re.compile(r"\b[a-z][a-z0-9+.-]{1,15}://[^\s<>\"'，。]+|\bwww\.[^\s<>\"'，。]+", re.IGNORECASE)
# Bare hosts, which chats and mail programs turn into links: with a path, or under an ending that is no word.
_HOST = re.compile(
    r"(?<![\w@.+/-])(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+(?:[a-z]{2,24}|xn--[a-z0-9-]{2,59})(?:/[^\s<>\"'，。]*)?(?![\w@])",
    re.IGNORECASE,
)
_ENDINGS = frozenset({
    "com", "net", "org", "io", "app", "xyz", "info", "biz", "online", "site", "top", "club", "vip", "finance",
    "exchange", "click", "dev", "gg", "cc", "cn", "ru", "hk", "uk", "de", "fr", "eu", "shop", "store", "cloud",
    "page", "tech", "pro", "world", "wiki", "icu", "cash", "money", "trade", "fund", "wallet", "crypto", "eth", "ly",
    "gl", "example", "test",
})  # fmt: skip
_TOKEN = re.compile(r"[0-9A-Za-z:]{25,120}")
# Addresses of TON are written with a hyphen and an underscore, or with plus and slash.
_TON = re.compile(r"(?<![\w+/-])[\w+/-]{48}(?![\w+/-])", re.ASCII)


def dangers(text: str) -> frozenset[Danger]:
    """Return why `text` must not leave; empty when it may. Looks behind invisible and alike characters."""
    folded = fold(text).text
    return frozenset(_found(text, folded))


def _found(text: str, folded: str) -> Iterator[Danger]:
    lowered = folded.lower()
    for clause in _CLAUSE.split(lowered):
        meant = _IDLE.sub(" ", clause)
        if _NO.search(meant):
            continue
        if _SECRETS.search(meant) and _ASKS.search(meant):
            yield Danger.SECRET
        if _REMOTE.search(meant):
            yield Danger.REMOTE_ACCESS
    if any(not _is_ours(link) for part in {text, folded} for link in _links(part)):
        yield Danger.LINK
    if any(_is_wallet(token) for token in dict.fromkeys([*_TOKEN.findall(folded), *_TON.findall(folded)])):
        yield Danger.WALLET


def _links(text: str) -> Iterator[str]:
    yield from (found.rstrip(".,;:!?)]}") for found in _LINK.findall(text))
    for match in _HOST.finditer(_LINK.sub(" ", text)):
        host, slash, _path = match[0].partition("/")
        if slash or host.rpartition(".")[2].lower() in _ENDINGS:
            yield match[0].rstrip(".,;:!?)]}")


def _is_ours(link: str) -> bool:
    if link.lower().startswith(f"{settings.SITE_URL.lower()}/") or link.lower() == settings.SITE_URL.lower():
        return "@" not in urlsplit(link).netloc
    point = contact_points.read(link)
    if point is None or (not link.lower().startswith(("http://", "https://")) and "://" in link):
        return False
    answer = official.look_up(link)
    return answer is not None and answer.verdict == official.Verdict.OFFICIAL


def _is_wallet(token: str) -> bool:
    # Some networks write their name and a colon before it; so do people.
    tries = {token, token.rpartition(":")[2]}
    for read in dict.fromkeys(network.read for network in NETWORKS.values()):
        for one in tries:
            with suppress(NotAnAddressError):
                read(one)
                return True
    return False
