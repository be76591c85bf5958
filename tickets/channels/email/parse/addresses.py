"""One strict reader for addresses (RFC 5322): a certain sender or quarantine; recipients are lenient."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal, NamedTuple

import idna

from tickets.channels.email.parse import words
from tickets.channels.email.parse.limits import MAX_ADDRESSES, MAX_STRUCTURED_FIELD_CHARS, Budget, Unparsable
from tickets.channels.email.parse.records import Address

_ATOM: Final = re.compile(r'[^\s()<>@,;:\\"\[\]\x00-\x1f\x7f]+')
# Only words whose payload cannot itself look like an address may count as one token.
_WORD: Final = re.compile(r'=\?[^?\s<>@"]{1,60}\?[bBqQ]\?[^?<>@"\r\n]{0,2000}\?=')
_LOCAL: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.\-\u00a1-\U0010ffff]{1,64}")
_LABEL: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_LOOKS_LIKE_ADDRESS: Final = re.compile(r"[^\s@<>]{1,64}@[^\s@<>]{1,253}\.[^\s@<>]{2,63}")
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_DAEMONS: Final = frozenset({"mailer-daemon", "postmaster"})
_MAX_DOMAIN_CHARS: Final = 253
_MAX_COMMENT_DEPTH: Final = 20


class _Token(NamedTuple):
    kind: Literal["atom", "word", "quoted", "special"]
    text: str
    start: int
    end: int


class _MalformedError(ValueError):
    """The value is no address list; the argument is the reason code."""


@dataclass(frozen=True, slots=True)
class _Entry:
    phrase: tuple[_Token, ...]
    local: str
    domain: str
    raw: str

    @property
    def is_nameless_part(self) -> bool:
        """Whether it is only a bit of display name, as in ``Foo, Inc. <x@y>`` without the quotes."""
        return not self.local and not self.domain


_SENTENCES: Final = {
    "from_missing": "The mail has no From header with an address.",
    "from_twice": "The mail has more than one From header, so its sender cannot be told.",
    "from_several": "The From header names more than one sender.",
    "from_group": "The From header names a group instead of a person.",
    "from_ambiguous": "The From header shows one address in front of another one.",
    "from_syntax": "The From header cannot be read without guessing.",
    "from_hidden_characters": "The sender's address holds invisible or control characters.",
    "from_encoded_address": "The sender's address is hidden in an encoded word.",
    "from_domain": "The domain of the sender's address is not a valid name.",
}  # fmt: skip


def sender(values: tuple[str, ...], budget: Budget, *, hint: str | None = None) -> Address:
    """The one sender named by the From fields (bytes as latin-1); Unparsable whenever two readers could differ."""
    if len(values) > 1:
        raise _refuse("from_twice")
    if not values or not values[0].strip():
        raise _refuse("from_missing")
    if len(values[0]) > MAX_STRUCTURED_FIELD_CHARS:
        raise _refuse("from_syntax")
    text = words.recover_8bit(values[0], hint=hint)
    # Looked for before the recovery as well: between escapes one reader sees letters, another one an address.
    if _CONTROLS.search(values[0]) or _CONTROLS.search(text):
        raise _refuse("from_hidden_characters")
    try:
        entries = list(_entries(text, allow_group=False))
        named = [entry for entry in entries if not entry.is_nameless_part]
        if len(named) > 1:
            raise _refuse("from_several")
        if not named:
            raise _refuse("from_missing")
        address = _strict_address(named[0])
    except _MalformedError as malformed:
        raise _refuse(str(malformed)) from None
    if len(entries) > 1:
        budget.warn("from_unquoted_comma")
    name = _phrase_text([token for entry in entries for token in entry.phrase], address, hint)
    shown = _LOOKS_LIKE_ADDRESS.search(name)
    if shown and shown[0].strip("\"'()").lower() != address.lower():
        budget.warn("display_name_holds_another_address")
    return Address(name=name, address=address, raw=words.one_line(text)[:1_000])


def recipients(values: tuple[str, ...], budget: Budget, *, hint: str | None = None) -> tuple[Address, ...]:
    """Every readable address in these fields, groups flattened, each once; malformed ones skipped with a warning."""
    found: dict[str, Address] = {}
    for value in values:
        text = words.recover_8bit(value[: MAX_STRUCTURED_FIELD_CHARS * 4], hint=hint)
        try:
            for entry in _entries(text, allow_group=True):
                if entry.is_nameless_part:
                    continue
                try:
                    address = _strict_address(entry)
                except _MalformedError:
                    budget.warn("recipient_unreadable")
                    continue
                name = _phrase_text(list(entry.phrase), address, hint)
                found.setdefault(address.lower(), Address(name, address, words.one_line(entry.raw)[:1_000]))
                if len(found) >= MAX_ADDRESSES:
                    budget.warn("too_many_recipients")
                    return tuple(found.values())
        except _MalformedError:
            budget.warn("recipient_unreadable")
    return tuple(found.values())


def normalised(address: str) -> str | None:
    """A bare ``local@domain`` in its normal form (NFC local part, lower-case IDNA domain), or None if it is not one."""
    local, at, domain = address.strip().strip("<>").rpartition("@")
    try:
        return f"{_local(local)}@{_domain(domain)}" if at else None
    except _MalformedError:
        return None


def _refuse(reason: str) -> Unparsable:
    return Unparsable(reason, _SENTENCES[reason])


def _strict_address(entry: _Entry) -> str:
    if not entry.domain:
        if entry.local.lower() in _DAEMONS:
            return entry.local.lower()
        raise _MalformedError("from_syntax")
    address = f"{_local(entry.local)}@{_domain(entry.domain)}"
    phrase = "".join(token.text for token in entry.phrase if token.kind != "quoted")
    if "@" in phrase and phrase.lower() != f"{entry.local}@{entry.domain}".lower():
        raise _MalformedError("from_ambiguous")
    return address


def _local(local: str) -> str:
    if words.INVISIBLE.search(local) or any(unicodedata.category(c) in ("Cc", "Cf", "Zs", "Co", "Cn") for c in local):
        raise _MalformedError("from_hidden_characters")
    if "=?" in local:
        raise _MalformedError("from_encoded_address")
    local = unicodedata.normalize("NFC", local)
    if not _LOCAL.fullmatch(local) or len(local.encode()) > 64:
        raise _MalformedError("from_syntax")
    return local


def _domain(domain: str) -> str:
    if words.INVISIBLE.search(domain):
        raise _MalformedError("from_hidden_characters")
    domain = unicodedata.normalize("NFC", domain.removesuffix("."))
    if not domain or len(domain) > _MAX_DOMAIN_CHARS:
        raise _MalformedError("from_domain")
    if not domain.isascii():
        try:
            domain = idna.encode(domain, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError, ValueError):
            raise _MalformedError("from_domain") from None
    domain = domain.lower()
    if len(domain) > _MAX_DOMAIN_CHARS or not all(_LABEL.fullmatch(label) for label in domain.split(".")):
        raise _MalformedError("from_domain")
    return domain


def _phrase_text(tokens: list[_Token], address: str, hint: str | None) -> str:
    """The display name, '' if it only repeats the address; encoded words are decoded only here, after the structure."""
    joined = " ".join(token.text for token in tokens)
    # Many mailers put encoded words inside quotes; decoding them there is display only.
    name = words.one_line(words.decode_words(joined, hint=hint))[:200].strip("'\" ")
    return "" if name.replace(" ", "").lower() == address.lower() else name


def _entries(text: str, *, allow_group: bool) -> Iterator[_Entry]:
    """Split an address list at its commas. Raises _MalformedError with a reason code."""
    pending: list[_Token] = []
    in_angle = False
    for token in _tokens(text):
        if token.kind == "special" and token.text == "<":
            if in_angle:
                raise _MalformedError("from_syntax")
            in_angle = True
        elif token.kind == "special" and token.text == ">":
            if not in_angle:
                raise _MalformedError("from_syntax")
            in_angle = False
        elif token.kind == "special" and not in_angle and token.text in ",;:":
            if token.text != "," and not allow_group:
                raise _MalformedError("from_group")
            if token.text == ":":
                pending = []
                continue
            if pending:
                yield _entry(pending, text)
            pending = []
            continue
        pending.append(token)
    if in_angle:
        raise _MalformedError("from_syntax")
    if pending:
        yield _entry(pending, text)


def _entry(tokens: list[_Token], text: str) -> _Entry:
    raw = text[tokens[0].start : tokens[-1].end]
    opening = next((i for i, token in enumerate(tokens) if token.kind == "special" and token.text == "<"), None)
    if opening is None:
        if not any(token.kind == "special" for token in tokens):
            is_daemon = len(tokens) == 1 and tokens[0].text.lower() in _DAEMONS
            return _Entry(() if is_daemon else tuple(tokens), tokens[0].text if is_daemon else "", "", raw)
        return _Entry((), *_addr_spec(tokens), raw)
    if tokens[-1].text != ">" or tokens[-1].kind != "special":
        raise _MalformedError("from_syntax")
    inside = tokens[opening + 1 : -1]
    if not inside:
        raise _MalformedError("from_missing")
    if any(token.kind == "special" and token.text not in "@." for token in tokens[:opening]):
        raise _MalformedError("from_syntax")
    return _Entry(tuple(tokens[:opening]), *_addr_spec(inside), raw)


def _addr_spec(tokens: list[_Token]) -> tuple[str, str]:
    """``local@domain`` written without any blank or comment inside; a bare daemon name has an empty domain."""
    if any(before.end != after.start for before, after in pairwise(tokens)):
        # "a@good b@evil": two readers, two senders.
        several = sum(token.text == "@" for token in tokens) > 1
        raise _MalformedError("from_ambiguous" if several else "from_syntax")
    if any(token.kind == "word" for token in tokens):
        raise _MalformedError("from_encoded_address")
    if len(tokens) == 1 and tokens[0].kind == "atom":
        return tokens[0].text, ""
    if len(tokens) != 3 or tokens[1].text != "@" or tokens[2].kind != "atom":
        raise _MalformedError("from_syntax")
    return tokens[0].text, tokens[2].text


def _tokens(text: str) -> Iterator[_Token]:
    position = 0
    while position < len(text):
        character = text[position]
        if character.isspace():
            position += 1
        elif character == "(":
            position = _after_comment(text, position)
        elif character == '"':
            content, end = _quoted(text, position)
            yield _Token("quoted", content, position, end)
            position = end
        elif match := _WORD.match(text, position):
            yield _Token("word", match[0], position, match.end())
            position = match.end()
        elif match := _ATOM.match(text, position):
            yield _Token("atom", match[0], position, match.end())
            position = match.end()
        elif character in "<>@,;:":
            yield _Token("special", character, position, position + 1)
            position += 1
        else:
            raise _MalformedError("from_syntax")


def _after_comment(text: str, start: int) -> int:
    depth = 0
    position = start
    while position < len(text):
        character = text[position]
        if character == "\\":
            position += 1
        elif character == "(":
            depth += 1
            if depth > _MAX_COMMENT_DEPTH:
                raise _MalformedError("from_syntax")
        elif character == ")":
            depth -= 1
            if not depth:
                return position + 1
        position += 1
    raise _MalformedError("from_syntax")


def _quoted(text: str, start: int) -> tuple[str, int]:
    content: list[str] = []
    position = start + 1
    while position < len(text):
        character = text[position]
        if character == "\\" and position + 1 < len(text):
            content.append(text[position + 1])
            position += 2
            continue
        if character == '"':
            return "".join(content), position + 1
        content.append(character)
        position += 1
    raise _MalformedError("from_syntax")
