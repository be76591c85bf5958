"""A text as the guard reads it: what hides a word is taken away, sentences and their parts are found.

Nothing here is shown to anybody: only whether something dangerous stands in a text is asked.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from security.lookalikes import latin
from security.redaction.folding import fold

_SPACED = re.compile(r"(?<!\w)[^\W_](?:[ ._*-][^\W_]){3,}(?!\w)")
_BETWEEN_HAN = re.compile(r"(?<=[\u3400-\u9fff])[ \t]+(?=[\u3400-\u9fff])")
_MIXED = re.compile(r"\b(?=[a-z]*[0-9@$])(?=[0-9@$]*[a-z])[a-z0-9@$]{4,14}\b|\bp@[a-z0-9$]{3,10}")
_DIGITS_AS_LETTERS = str.maketrans("01345@$7", "oleasast")
_HIDDEN_BY_DIGITS = frozenset({
    "password", "passwords", "passcode", "passphrase", "mnemonic", "private", "phrase", "code", "codes", "anydesk",
    "teamviewer", "seed",
})  # fmt: skip
# The characters of the guard's words in their traditional form; no converter is needed for these few.
_SIMPLIFIED = str.maketrans(
    "記碼驗證詞鑰請給訴發傳輸遠螢協復絕會將個單語備號錢戶處無們從讓裝載連開還種銀數幫與認應資術動態須騙誰這來問題麼轉複製導視訊頁網後",
    "记码验证词钥请给诉发传输远荧协复绝会将个单语备号钱户处无们从让装载连开还种银数帮与认应资术动态须骗谁这来问题么转复制导视讯页网后",
)
_END = re.compile(r"[.!?]+(?=[\s\"')\]]|$)|[。！？]+|[\n\r]+")
# Whoever writes more without an end is read in pieces.
_LONGEST = 1000
_PART = re.compile(r"[,;:，；：—]|\s-\s|\b(?:but|so|then)\b|但是?|所以|然后")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence in small letters, its parts between commas and the like, and what was said right before it."""

    text: str
    parts: tuple[str, ...]
    before: str


def plain(text: str) -> str:
    """Return `text` folded: widths, invisible and alike characters, accents, spaced-out words, traditional script."""
    folded = fold(text).text
    if not folded.isascii():
        folded = _BETWEEN_HAN.sub("", "".join(map(_letter, unicodedata.normalize("NFKD", folded))))
        folded = folded.translate(_SIMPLIFIED)
    folded = _SPACED.sub(lambda match: re.sub(r"[ ._*-]", "", match[0]), folded.lower())
    return _MIXED.sub(_undisguised, folded)


def sentences(text: str) -> Iterator[Sentence]:
    """Split folded text."""
    before = ""
    for said in filter(None, map(str.strip, _pieces(text))):
        yield Sentence(said, tuple(part for part in _PART.split(said) if part.strip()), before)
        before = said


def _pieces(text: str) -> Iterator[str]:
    start = 0
    for end in [*(match.end() for match in _END.finditer(text)), len(text)]:
        yield from (text[at : min(at + _LONGEST, end)] for at in range(start, end, _LONGEST))
        start = end


def _letter(letter: str) -> str:
    if letter.isascii():
        return letter
    if unicodedata.combining(letter):
        return ""
    return latin(letter) or letter


def _undisguised(match: re.Match[str]) -> str:
    read = match[0].translate(_DIGITS_AS_LETTERS)
    return read if read in _HIDDEN_BY_DIGITS else match[0]
