"""Texts and HTML of a megabyte that make careless readers slow: nesting, half-open markup, digits, words, near misses."""

import random
from collections.abc import Callable
from typing import Literal, NamedTuple

MEGABYTE = 1024 * 1024
WORDS = [
    "abandon",
    "ability",
    "able",
    "about",
    "above",
    "absent",
    "absorb",
    "abstract",
    "absurd",
    "abuse",
    "access",
    "accident",
]


class BlowUp(NamedTuple):
    """One sample: what it is read as, and its words."""

    kind: Literal["plain", "html"]
    build: Callable[[], str]


def _filled(unit: str) -> Callable[[], str]:
    return lambda: unit * (MEGABYTE // len(unit.encode()))


def _drawn(alphabet: str, *, size: int = 1, joint: str = " ") -> Callable[[], str]:
    def build() -> str:
        source = random.Random(7)  # noqa: S311 - repeatable, protects nothing
        pieces = ("".join(source.choices(alphabet, k=size)) for _ in range(MEGABYTE // (size + len(joint))))
        return joint.join(pieces)

    return build


def _plain(build: Callable[[], str]) -> BlowUp:
    return BlowUp("plain", build)


def _html(build: Callable[[], str]) -> BlowUp:
    return BlowUp("html", build)


BLOW_UPS: dict[str, BlowUp] = {
    "angle brackets": _plain(_filled("<")),
    "nested quotes": _plain(lambda: "\n".join(">" * (number % 700) + " a" for number in range(MEGABYTE // 350))),
    "quote and answer": _plain(_filled("> a\nb\n")),
    "attributions": _plain(_filled("On Monday, somebody wrote:\n")),
    "digits": _plain(_filled("4")),
    "groups of four digits": _plain(_drawn("0123456789", size=4)),
    "card numbers": _plain(_filled("4111 1111 1111 1111 ")),
    "almost card numbers": _plain(_drawn("0123456789", size=16)),
    "digits and gaps": _plain(_drawn("0123456789 -", joint="")),
    "codes": _plain(_filled("code 123456 ")),
    "words of the phrase list": _plain(lambda: " ".join(random.Random(7).choices(WORDS, k=MEGABYTE // 8))),  # noqa: S311 -- repeatable
    "phrases": _plain(_filled("legal winner thank year wave sausage worth useful legal winner thank yellow ")),
    "hex": _plain(_drawn("0123456789abcdef", size=64)),
    "base58": _plain(_drawn("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", size=51)),
    "otpauth": _plain(_filled("otpauth://")),
    "headers": _plain(_filled("Authorization: Bearer ")),
    "links": _plain(_filled("https://a.example/" + ")" * 4_000 + " ")),
    "unseen characters": _plain(_filled("4\u200b")),
    "half-open tags": _html(_filled("<div ")),
    "brackets": _html(_filled("<")),
    "5,000 nested elements": _html(lambda: "<div>" * 5_000 + "in the middle" + "</div>" * 5_000),
    "nested elements": _html(_filled("<div>")),
    "formatting": _html(_filled("<p><b>")),
    "tables": _html(_filled("<table><tr><td>")),
    "references": _html(_filled("&lt")),
    "attributes": _html(lambda: "<p " + " ".join(f"a{number}=b" for number in range(MEGABYTE // 10)) + ">x</p>"),
    "styles": _html(lambda: "<p style='" + "color:red;" * (MEGABYTE // 10) + "'>x</p>"),
    "style brackets": _html(lambda: "<p style='width:" + "calc(" * (MEGABYTE // 5) + "'>x</p>"),
    "comments": _html(_filled("<!--")),
    "foreign markup": _html(_filled("<svg><math><mtext>")),
    "split digits": _html(_filled("<b>4111</b> 1111 ")),
    "quoted blocks": _html(_filled('<div class="gmail_quote">a')),
}
