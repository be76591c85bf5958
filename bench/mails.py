"""Varied believable mails for the intake bench; the same number gives the same mail."""

import base64
from random import Random

PROVEN = "mx.pharos.test; dkim=pass header.d=example.com; dmarc=pass header.from=example.com"
SENTENCES = (
    "I sent 0.42 BTC yesterday at noon and it has still not arrived in my account.",
    "The transaction has more than sixty confirmations by now, so it should be there.",
    "Could you please check what happened and tell me how long it will take?",
    "My bank says that the transfer was executed on Monday and not returned.",
    "I have already tried another browser and another network, with the same result.",
)
CHINESE = "您好，我昨天提现的比特币到现在还没有到账，请帮我查一下是什么原因，谢谢。"


def mails(count: int, *, tickets: int, seed: int = 7) -> list[bytes]:
    """Return `count` mails to a database with `tickets` loaded ones: of six, one answers a case, two bring files.

    Half of the senders write under every seed, the others under this one only.
    """
    random = Random(seed)
    return [_mail(random, number, tickets, seed) for number in range(count)]


def _mail(random: Random, number: int, tickets: int, seed: int) -> bytes:
    kind = number % 6
    sender = f"bench{number}@example.com" if number // 6 % 2 else f"bench{number}-{seed}@example.com"
    headers = [
        f"Authentication-Results: {PROVEN}",
        f"Received: from mail.example.com by mx.pharos.test; {number}",
        f"Message-ID: <bench-{seed_of(random)}-{number}@example.com>",
        "Date: Mon, 23 Nov 2026 10:00:00 +0000",
        "To: Pharos Support <support@pharos.test>",
        "MIME-Version: 1.0",
    ]
    if kind == 5:
        answered = 1 + random.randrange(tickets)
        headers += [f"In-Reply-To: <load-{answered}-1@example.com>", f"References: <load-{answered}-1@example.com>"]
    headers += [
        f"From: Kim Park {number} <{sender}>",
        f"Subject: {'Re: ' if kind == 5 else ''}Withdrawal {number} pending",
    ]
    return "\r\n".join([*headers, *_body(random, kind)]).encode("latin-1")


def seed_of(random: Random) -> str:
    """Return a random word for a Message-ID."""
    return f"{random.getrandbits(64):016x}"


def _body(random: Random, kind: int) -> list[str]:
    text = "\r\n\r\n".join(random.choice(SENTENCES) for _ in range(3 + random.randrange(6)))
    if kind == 1:
        return _multipart("alternative", [_text("plain", text), _text("html", _html(text))])
    if kind == 2:
        picture = bytes(random.getrandbits(8) for _ in range(20_000))
        return _multipart(
            "mixed", [_text("plain", text), _file("image/png", "screen.png", b"\x89PNG\r\n\x1a\n" + picture)]
        )
    if kind == 3:
        chinese = base64.encodebytes((CHINESE * 6).encode("gb18030")).decode().replace("\n", "\r\n")
        return ["Content-Type: text/plain; charset=gb18030", "Content-Transfer-Encoding: base64", "", chinese]
    if kind == 4:
        table = ("time,pair,amount\r\n" + "2026-11-22,BTC-USDT,0.42\r\n" * 400).encode()
        inner = _multipart("alternative", [_text("plain", text), _text("html", _html(text))])
        return _multipart("mixed", [inner, _file("text/csv", "trades.csv", table)])
    if kind == 5:
        quoted = "\r\n".join(f"> {line}" for line in text.split("\r\n"))
        return _text(
            "plain", f"Thank you, but it has not arrived.\r\n\r\nOn Sun, 22 Nov 2026 Pharos wrote:\r\n{quoted}"
        )
    return _text("plain", text)


def _html(text: str) -> str:
    paragraphs = "".join(f"<p style='color:#333;font-family:Arial'>{line}</p>" for line in text.split("\r\n\r\n"))
    return f"<html><head><style>p {{ margin: 0 }}</style></head><body><div>{paragraphs}</div></body></html>"


def _text(subtype: str, text: str) -> list[str]:
    return [f"Content-Type: text/{subtype}; charset=utf-8", "Content-Transfer-Encoding: 8bit", "", text]


def _file(content_type: str, name: str, content: bytes) -> list[str]:
    encoded = base64.encodebytes(content).decode().replace("\n", "\r\n")
    return [
        f'Content-Type: {content_type}; name="{name}"',
        f'Content-Disposition: attachment; filename="{name}"',
        "Content-Transfer-Encoding: base64",
        "",
        encoded,
    ]


def _multipart(subtype: str, parts: list[list[str]]) -> list[str]:
    boundary = f"b-{subtype}"
    lines = [f'Content-Type: multipart/{subtype}; boundary="{boundary}"', ""]
    for part in parts:
        lines += [f"--{boundary}", *part]
    return [*lines, f"--{boundary}--", ""]
