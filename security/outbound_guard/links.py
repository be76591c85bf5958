"""Links that are not ours: with a scheme, as a bare host, as an address of numbers, or written to be retyped."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings

from security import contact_points, official

# A scheme may follow a Chinese character, which is a letter to `\b`.
_LINK = re.compile(
    r"(?<![a-z0-9])[a-z][a-z0-9+.-]{1,15}://[^\s<>\"'，。]+|(?<![a-z0-9])www\.[^\s<>\"'，。]+", re.IGNORECASE
)
# These run or show something by themselves.
_SCRIPT = re.compile(r"(?<![a-z0-9])(?:(?:java|vb)script:\S|data:[a-z]+/[a-z0-9.+-]+[,;])", re.IGNORECASE)
_NUMBERS = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?/\S*")
# Bare hosts, which chats and mail programs turn into links: with a path, or under an ending that is no word.
_HOST = re.compile(
    r"(?<![\w@.+/-])(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+(?:[a-z]{2,24}|xn--[a-z0-9-]{2,59})(?:/[^\s<>\"'，。]*)?(?![\w@])",
    re.IGNORECASE,
)
_ENDINGS = frozenset({
    "com", "net", "org", "io", "app", "xyz", "info", "biz", "online", "site", "top", "club", "vip", "finance",
    "exchange", "click", "dev", "gg", "cc", "cn", "ru", "hk", "uk", "de", "fr", "eu", "shop", "store", "cloud",
    "page", "tech", "pro", "world", "wiki", "icu", "cash", "money", "trade", "fund", "wallet", "crypto", "eth", "ly",
    "gl", "example", "test", "co", "ai", "tv", "jp", "kr", "sg", "tw", "vn", "ua", "br", "nz", "au", "ca", "ch", "nl",
    "pl", "se", "es", "tr", "ir", "za", "ng", "ae", "pk", "ws", "pw", "su", "link", "live", "asia", "mobi", "win",
    "bid", "loan", "bet", "lol", "buzz", "rest", "cfd", "sbs", "cyou", "digital", "network", "global", "center",
})  # fmt: skip
# "pharos dot com", "pharos[.]com", "hxxps://": written so that a person has to put it together.
_DOT = re.compile(
    rf"(?<=\w)\s*(?:\[\s*\.\s*\]|\(\s*\.\s*\)|[\[(]?\bdot\b[\])]?)\s*(?=(?:{'|'.join(sorted(_ENDINGS))})\b)",
    re.IGNORECASE,
)
_HXXP = re.compile(r"\bhxxp", re.IGNORECASE)


def foreign(text: str) -> bool:
    """Whether `text` holds a link that does not lead to us."""
    whole = _HXXP.sub("http", _DOT.sub(".", text))
    return bool(_SCRIPT.search(whole) or _NUMBERS.search(whole)) or any(not _is_ours(link) for link in _links(whole))


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
