"""Well-formed mails of every making, seeded: each comes with what its writer put in, to be compared with what is read.

The forms are those that mailers send: RFC 5322 and MIME, and the liberties that every mail client takes in its stride
(8-bit headers, encoded words cut within a character, names of files as encoded words).
"""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeVar
from urllib.parse import quote

from tests.corpus.encodings import continued, encoded_word, quoted_printable
from tests.corpus.scripts import SCRIPTS, STATEFUL_CODECS, WIDE_CODECS
from tickets.channels.email.parse import ParsedMail

File = tuple[str, bytes]
T = TypeVar("T")


@dataclass(frozen=True)
class Written:
    """A mail and what was written into it. `how` names the choices of its making, for the report of a failure."""

    raw: bytes
    how: tuple[str, ...]
    subject: str
    name: str
    address: str
    text: str
    files: tuple[File, ...]

    def differences(self, read: ParsedMail) -> list[str]:
        """Return what was not read as it was written, in words."""
        pairs: list[tuple[str, object, object]] = [
            ("subject", self.subject, read.subject),
            ("name", self.name, read.sender.name),
            ("address", self.address, read.sender.address),
            ("text", _lines(self.text), _lines(read.text)),
            ("quoted", "", read.quoted_text),
            ("files", self.files, tuple((file.filename, file.content) for file in read.attachments)),
        ]
        return [f"{what}: {there!r} instead of {wanted!r}" for what, wanted, there in pairs if wanted != there]


def _lines(text: str) -> list[str]:
    """The lines with something on them, blanks squeezed: what HTML may do to a text is no loss."""
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


@dataclass
class _Entity:
    """A body part: its header lines (bytes after the colon) and its body."""

    headers: list[tuple[str, bytes]]
    body: bytes


class Author:
    """Writes one mail after another from one source of chance."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.how: list[str] = []
        self.files: list[File] = []

    def mail(self, *, mark: str = "", local: str = "") -> Written:
        """Return one mail; `mark` goes into its subject and its text, `local` is the name of the sender's mailbox."""
        self.how, self.files = [], []
        script = self._choose(list(SCRIPTS))
        text = self._text(script) + (f"\n{mark}" if mark else "")
        entity, expected = self._structure(script, text)
        subject_script = script if self.random.random() < 0.8 else self._choose(list(SCRIPTS))
        subject = " ".join(filter(None, (self._phrase(subject_script), mark)))
        name, address, sender = self._sender(script, local)
        head: list[tuple[str, bytes]] = [
            ("From", sender),
            ("To", b"Support <support@pharos.test>"),
            ("Subject", self._header_text(subject, subject_script)),
            ("Date", b"Mon, 23 Nov 2026 10:31:44 +0800"),
            ("Message-ID", f"<{self.random.getrandbits(64):x}@customer.example>".encode()),
            ("MIME-Version", b"1.0"),
            *self._passing(),
            *entity.headers,
        ]
        raw = self._head(head) + b"\r\n" + entity.body
        return Written(
            self._line_ends(raw), tuple(self.how), subject, name, address, expected, tuple(self.files)
        )  # fmt: skip

    # --- words ------------------------------------------------------------------------------------------------------
    def _choose(self, choices: Sequence[T]) -> T:
        return self.random.choice(choices)

    def _phrase(self, script: str) -> str:
        phrases, _, gap = SCRIPTS[script]
        return gap.join(self.random.choices(phrases, k=self.random.randint(1, 6)))

    def _text(self, script: str) -> str:
        paragraphs = ["\n".join(self._phrase(script) for _ in range(self.random.randint(1, 4))) for _ in range(3)]
        return "\n\n".join(paragraphs[: self.random.randint(1, 3)])

    # --- header -----------------------------------------------------------------------------------------------------
    def _header_text(self, text: str, script: str) -> bytes:
        """A header's value: as it is, as encoded words of many makings, or in raw UTF-8 (RFC 6532)."""
        if text.isascii() and self.random.random() < 0.7:
            return self._folded(text).encode()
        codec, label = self._charset(script, is_header=True)
        ways: list[Callable[[str, str, str], bytes]] = [self._word_chain]
        if codec not in STATEFUL_CODECS:
            ways.append(self._cut_words)
        if codec == "utf-8":
            ways.append(self._raw_header)
        way = self._choose(ways)
        self.how.append(f"{way.__name__}:{label}")
        return way(text, codec, label)

    def _folded(self, text: str) -> str:
        return text.replace(" ", self._choose([" ", "\r\n ", "\r\n\t"]), 1) if len(text) > 20 else text

    def _raw_header(self, text: str, codec: str, label: str) -> bytes:
        return text.encode(codec)

    def _word_chain(self, text: str, codec: str, label: str) -> bytes:
        """Encoded words of whole characters (RFC 2047 section 5), Q and B as they come."""
        size = self.random.randint(3, 9)
        pieces = [text[at : at + size] for at in range(0, len(text), size)]
        return self._words([piece.encode(codec) for piece in pieces], label)

    def _cut_words(self, text: str, codec: str, label: str) -> bytes:
        """Encoded words cut at so many bytes, within a character if need be, as many mailers do."""
        size = self.random.randint(7, 40)
        raw = text.encode(codec)
        return self._words([raw[at : at + size] for at in range(0, len(raw), size)], label)

    def _words(self, pieces: list[bytes], label: str) -> bytes:
        kinds = self._choose(["B", "Q", "b", "q", "BQ"])
        language = self._choose(["", "", "", "*en"])
        words = [encoded_word(piece, label + language, self._choose(list(kinds))) for piece in pieces]
        return self._choose([b" ", b"\r\n ", b"\r\n\t"]).join(words)

    def _sender(self, script: str, local: str) -> tuple[str, str, bytes]:
        """Return the name, the address and the value of From."""
        local = local or self._choose(["li.wei", "a+tag", "o'neil", "x_y-z", "12345678", "user.name"])
        address = f"{local}@{self._choose(['customer.example', 'mail.qq.example', 'a-b.co.example'])}"
        bracket = f"<{address}>".encode()
        form = self._choose(["bare", "angle", "atoms", "quoted", "words", "quoted_words", "comment"])
        self.how.append(f"from_{form}")
        if form == "bare":
            return "", address, address.encode()
        if form == "angle":
            return "", address, bracket
        if form == "atoms":
            return "Li Wei", address, b"Li Wei " + bracket
        if form == "comment":
            return "", address, address.encode() + b" (Li Wei)"
        if form == "quoted":
            return "Wei, Li (Kim)", address, b'"Wei, Li (Kim)" ' + bracket
        name = self._choose(SCRIPTS[script].phrases).replace("，", "").replace(",", "")
        codec, label = self._charset(script, is_header=True)
        word = encoded_word(name.encode(codec), label, self._choose(["B", "Q"]))
        self.how.append(label)
        if form == "quoted_words" and b'"' not in word:
            return name, address, b'"' + word + b'" ' + bracket
        return name, address, word + self._choose([b" ", b"\r\n ", b""]) + bracket

    def _passing(self) -> list[tuple[str, bytes]]:
        """Header fields that say nothing to us."""
        choices: list[tuple[str, bytes]] = [
            ("Received", b"from a.example (a.example [192.0.2.1])\r\n\tby b.example with ESMTPS id 1;\r\n\tMon, 23 Nov 2026"),
            ("DKIM-Signature", b"v=1; a=rsa-sha256; d=customer.example; s=s1;\r\n h=from:to; b=" + b"AbC/" * 40),
            ("X-Mailer", b"Foxmail 7.2.25.228[cn]"),
            ("X-Long", b"x" * 1200),
            ("X-Priority", b"3"),
            ("Thread-Index", b"Adcx" * 12),
            ("Content-Language", b"zh-CN"),
            ("X-Odd_Name.1", b""),
            ("X-Empty", b"   "),
        ]  # fmt: skip
        return self.random.sample(choices, self.random.randint(0, 5))

    def _head(self, fields: list[tuple[str, bytes]]) -> bytes:
        """The header block: any order, names in any case, one blank after the colon, none or several."""
        if self.random.random() < 0.4:
            self.random.shuffle(fields)
            self.how.append("shuffled")
        changes: list[Callable[[str], str]] = [str, str, str.lower, str.upper]
        change = self._choose(changes)
        colon = self._choose([b": ", b": ", b":", b":  ", b":\t"])
        return b"".join(change(name).encode() + colon + value + b"\r\n" for name, value in fields)

    def _line_ends(self, raw: bytes) -> bytes:
        ends = self._choose(["crlf", "crlf", "crlf", "lf", "cr"])
        if ends == "crlf" or (ends == "cr" and b"\n" in raw.replace(b"\r\n", b"")):
            return raw
        self.how.append(ends)
        return raw.replace(b"\r\n", b"\n" if ends == "lf" else b"\r")

    # --- body -------------------------------------------------------------------------------------------------------
    def _charset(self, script: str, *, is_header: bool = False) -> tuple[str, str]:
        charsets = SCRIPTS[script].charsets
        if is_header and charsets[0][0] in WIDE_CODECS:
            return "utf-8", "utf-8"
        return self._choose(charsets)

    def _structure(self, script: str, text: str) -> tuple[_Entity, str]:
        """Return the body in one of the usual structures, and the text that a reader sees."""
        makings: list[Callable[[str, str], tuple[_Entity, str]]] = [
            self._plain, self._flowed, self._html, self._alternative, self._alternative, self._with_files,
            self._with_files, self._letter_files_letter, self._related, self._office, self._signed, self._forwarding,
            self._deep,
        ]  # fmt: skip
        making = self._choose(makings)
        self.how.append(making.__name__)
        return making(script, text)

    def _plain(self, script: str, text: str) -> tuple[_Entity, str]:
        codec, label = self._charset(script)
        return self._text_part("text/plain", label, text.replace("\n", "\r\n").encode(codec), codec), text

    def _flowed(self, script: str, text: str) -> tuple[_Entity, str]:
        """Soft-wrapped (RFC 3676): a line that ends in a blank goes on in the next one."""
        codec, label = self._charset("english" if script == "wide" else script)
        stuffed = [f" {line}" if line.startswith((" ", ">", "From ")) else line for line in text.split("\n")]
        soft = "\n".join(line.replace(" ", " \n", 1) for line in stuffed)
        try:
            body = soft.replace("\n", "\r\n").encode(codec)
        except UnicodeEncodeError:
            return self._plain(script, text)
        return self._text_part("text/plain", label, body, codec, extra="; format=flowed"), text

    def _html(self, script: str, text: str) -> tuple[_Entity, str]:
        codec, label = self._charset(script)
        paragraphs = "".join(f"<p>{line.replace('&', '&amp;')}</p>\r\n" for line in text.split("\n") if line)
        meta = f'<meta http-equiv="Content-Type" content="text/html; charset={label}">'
        head = self._choose(["", "<head><style>p{color:red}</style></head>", f"<head>{meta}</head>"])
        markup = f"<html>{head}<body>\r\n{paragraphs}</body></html>"
        if self.random.random() < 0.2:
            self.how.append("entities")
            codec, label = "ascii", "us-ascii"
            markup = markup.replace(meta, "")
            return self._text_part("text/html", label, markup.encode(codec, "xmlcharrefreplace"), codec), text
        return self._text_part("text/html", label, markup.encode(codec), codec), text

    def _alternative(self, script: str, text: str) -> tuple[_Entity, str]:
        return self._multipart("alternative", self._plain(script, text)[0], self._html(script, text)[0]), text

    def _with_files(self, script: str, text: str) -> tuple[_Entity, str]:
        letter, _ = self._choose([self._plain, self._html, self._alternative])(script, text)
        return self._multipart("mixed", letter, *[self._file(script) for _ in range(self.random.randint(1, 3))]), text

    def _letter_files_letter(self, script: str, text: str) -> tuple[_Entity, str]:
        """As Apple Mail has it: a file in the middle of the text."""
        above, below = self._plain(script, text)[0], self._plain(script, "Li Wei")[0]
        return self._multipart("mixed", above, self._file(script), below), f"{text}\n\nLi Wei"

    def _related(self, script: str, text: str) -> tuple[_Entity, str]:
        image = self._file(script, content_id="<logo@x>")
        return self._multipart("related", self._choose([self._html, self._alternative])(script, text)[0], image), text

    def _office(self, script: str, text: str) -> tuple[_Entity, str]:
        """mixed(related(alternative(plain, HTML), image), file), as Outlook sends it."""
        letter, _ = self._related(script, text)
        return self._multipart("mixed", letter, self._file(script)), text

    def _signed(self, script: str, text: str) -> tuple[_Entity, str]:
        letter, _ = self._choose([self._plain, self._alternative])(script, text)
        kind = self._choose(["pgp", "pkcs7"])
        name, content = (
            ("signature.asc", b"-----BEGIN PGP SIGNATURE-----") if kind == "pgp" else ("smime.p7s", b"0\x82")
        )
        self.files.append((name, content))
        signature = _Entity(
            [
                ("Content-Type", f'application/{kind}-signature; name="{name}"'.encode()),
                ("Content-Transfer-Encoding", b"base64"),
            ],
            base64.encodebytes(content),
        )
        return self._multipart("signed", letter, signature, extra=f'; protocol="application/{kind}-signature"'), text

    def _forwarding(self, script: str, text: str) -> tuple[_Entity, str]:
        letter, _ = self._plain(script, text)
        inner = b"From: a@x.example\nSubject: inner\n\ninner words\n".replace(b"\n", b"\r\n")
        self.files.append(("inner.eml", inner))
        carried = _Entity(
            [("Content-Type", b'message/rfc822; name="inner.eml"'), ("Content-Transfer-Encoding", b"base64")],
            base64.encodebytes(inner).replace(b"\n", b"\r\n"),
        )
        return self._multipart("mixed", letter, carried), text

    def _deep(self, script: str, text: str) -> tuple[_Entity, str]:
        entity, expected = self._alternative(script, text)
        for _ in range(self.random.randint(1, 8)):
            entity = self._multipart("mixed", entity)
        return entity, expected

    def _text_part(self, kind: str, label: str, body: bytes, codec: str, *, extra: str = "") -> _Entity:
        encoding, encoded = self._encoded(body, is_wide=codec in WIDE_CODECS)
        value = self._typed(kind, "charset", label) + extra.encode()
        headers: list[tuple[str, bytes]] = [("Content-Type", value)]
        if encoding not in ("7bit", "8bit") or self.random.random() < 0.8:
            changes: list[Callable[[str], str]] = [str, str, str.upper, str.title]
            change = self._choose(changes)
            headers.append(("Content-Transfer-Encoding", change(encoding).encode()))
        if self.random.random() < 0.2:
            headers.append(("Content-Disposition", b"inline"))
        return _Entity(headers, encoded)

    def _typed(self, kind: str, parameter: str, value: str) -> bytes:
        """A type with one parameter, in one of the ways to write that."""
        forms = [
            f'{kind}; {parameter}="{value}"',
            f'{kind};\r\n\t{parameter}="{value}"',
            f'{kind.upper()}; {parameter.upper()}="{value}"',
        ]
        if all(letter.isalnum() or letter in "-_." for letter in value):
            forms += [f"{kind}; {parameter}={value}", f"{kind};{parameter}={value}", f"{kind} ; {parameter} = {value}",
                      f"{kind}; {parameter}={value};"]  # fmt: skip
        return self._choose(forms).encode()

    def _encoded(self, body: bytes, *, is_wide: bool = False, is_file: bool = False) -> tuple[str, bytes]:
        ways = ["base64"]
        if not is_wide:
            ways.append("quoted-printable")
            if not is_file:
                ways.append("8bit")
            if body.isascii() and not is_file and b"\x1b" not in body:
                ways.append("7bit")
        way = self._choose(ways)
        self.how.append(way)
        if way == "base64":
            width = self._choose([76, 64, 60, 4_000])
            letters = base64.b64encode(body)
            return way, b"\r\n".join(letters[at : at + width] for at in range(0, len(letters), width)) + b"\r\n"
        if way == "quoted-printable":
            return way, quoted_printable(body, is_text=not is_file)
        return way, body

    def _multipart(self, kind: str, *parts: _Entity, extra: str = "") -> _Entity:
        boundary = self._boundary()
        delimiter = b"--" + boundary.encode()
        body = self._choose([b"", b"This is a multi-part message in MIME format.\r\n", b"\r\n"])
        for part in parts:
            fields = b"".join(name.encode() + b": " + value + b"\r\n" for name, value in part.headers)
            body += delimiter + self._choose([b"", b"", b" ", b"\t"]) + b"\r\n" + fields + b"\r\n" + part.body + b"\r\n"
        body += delimiter + b"--" + self._choose([b"", b"\r\n", b"\r\n\r\nepilogue\r\n"])
        return _Entity(
            [("Content-Type", self._typed(f"multipart/{kind}", "boundary", boundary) + extra.encode())], body
        )

    def _boundary(self) -> str:
        number = f"{self.random.getrandbits(60):x}"
        return self._choose(
            [
                f"----=_Part_{number}_1.{number}", f"=_{number}", f"000000000000{number}", f"_004_{number}_",
                f"Apple-Mail=_{number}", f"----=_NextPart_{number}", f"b{number}'()+_,-./:=?z", "b" + number * 4, f"-{number}",
                f"{number} x",
            ]
        )[:70]  # fmt: skip

    # --- files ------------------------------------------------------------------------------------------------------
    def _file(self, script: str, *, content_id: str = "") -> _Entity:
        content = self.random.randbytes(self.random.choice([1, 20, 700, 20_000]))
        stem = self._choose(SCRIPTS[script].phrases).replace(" ", "_").replace(",", "").replace("，", "")[:24]
        # Joiners are taken out of names of files: they have hidden a dot in front of them before.
        stem = stem.replace("\u200d", "")
        stem = f"{stem}{self.random.randrange(1000)}"
        number = self.random.randrange(3)
        kind, extension = [("application/pdf", "pdf"), ("image/png", "png"), ("application/octet-stream", "bin")][
            number
        ]
        name = f"{stem}.{extension}"
        self.files.append((name, content))
        encoding, body = self._encoded(content, is_file=True)
        headers: list[tuple[str, bytes]] = [
            *self._named(kind, name, script),
            ("Content-Transfer-Encoding", encoding.encode()),
        ]
        if content_id:
            headers.append(("Content-ID", content_id.encode()))
        return _Entity(headers, body)

    def _named(self, kind: str, name: str, script: str) -> list[tuple[str, bytes]]:
        """Content-Type and Content-Disposition with the file's name in one of the many ways to give it."""
        codec, label = self._charset(script, is_header=True)
        ways = ["extended", "continued", "word_in_quotes", "word_in_type", "raw", "fallback_and_extended"]
        way = "plain" if name.isascii() else self._choose(ways)
        self.how.append(f"name_{way}:{label}")
        disposition, plain = b"attachment", kind.encode()
        if way == "plain":
            return [("Content-Type", plain), ("Content-Disposition", disposition + f'; filename="{name}"'.encode())]
        raw = name.encode(codec)
        if way == "raw":
            return [("Content-Type", plain + b'; name="' + name.encode() + b'"'), ("Content-Disposition", disposition)]
        if way in ("word_in_quotes", "word_in_type"):
            word = b'"' + encoded_word(raw, label, "B") + b'"'
            field = b"; filename=" + word if way == "word_in_quotes" else b""
            return [("Content-Type", plain + b"; name=" + word), ("Content-Disposition", disposition + field)]
        if way == "continued":
            return [("Content-Type", plain), ("Content-Disposition", disposition + continued(raw, label))]
        fallback = b'; filename="file.bin"' if way == "fallback_and_extended" else b""
        extended = f"; filename*={label}''{quote(raw, safe='')}".encode()
        return [("Content-Type", plain), ("Content-Disposition", disposition + fallback + extended)]
