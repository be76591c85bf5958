"""The standard library's message and parser, set up so that no byte of a mail is lost or rewritten by reading it."""

import re
from email.message import Message
from email.parser import BytesFeedParser, BytesHeaderParser
from email.policy import Compat32, Policy
from typing import Final, TypeVar, cast, overload

from tickets.channels.email.parse.limits import MAX_STRUCTURED_FIELD_CHARS, Budget

_T = TypeVar("_T")
_CHUNK_BYTES: Final = 64 * 1024
_TYPE: Final = re.compile(r"[a-z0-9!#$&^_.+-]{1,80}/[a-z0-9!#$&^_.+-]{1,80}")


class Entity(Message):
    """A message or body part (RFC 2045) that keeps attached messages closed.

    The library would open message/* while it reads, and writing such a message out again folds its header anew: a
    forwarded mail would no longer be the file that was sent.
    """

    def declared_type(self) -> str:
        """type/subtype in lower case; text/plain (message/rfc822 in a digest) for none or for one that is malformed."""
        declared = super().get_content_type().strip("\"' ")
        return declared if _TYPE.fullmatch(declared) else self.get_default_type()

    def get_content_type(self) -> str:
        """What the library's parser goes by."""
        declared = self.declared_type()
        return "application/octet-stream" if declared.startswith("message/") else declared

    @overload
    def get_boundary(self, failobj: None = None) -> str | None: ...
    @overload
    def get_boundary(self, failobj: _T) -> str | _T: ...
    def get_boundary(self, failobj: _T | None = None) -> str | _T | None:
        """The boundary as the parser sees lines (raw bytes as surrogates), or ``failobj`` for none that can occur."""
        try:
            boundary = super().get_boundary()
        except (ValueError, IndexError, TypeError, AttributeError, LookupError):
            # RFC 2231 parameters with absurd section numbers or charsets.
            return failobj
        if not boundary or not boundary.isprintable():
            return failobj
        return boundary.encode("latin-1", "replace").decode("ascii", "surrogateescape")

    def parts(self) -> list["Entity"]:
        """The parts of a multipart in order; none when the library could not split it."""
        payload = self.get_payload() if self.is_multipart() else []
        return [part for part in payload if isinstance(part, Entity)]

    def take_body(self) -> bytes:
        """The body's bytes as they stood in the mail, still in their transfer encoding; b"" for a split multipart."""
        # get_payload undoes the encoding that it finds in the header: see transfer.py for why that is not wanted.
        del self["content-transfer-encoding"]
        body = self.get_payload(decode=True)
        return body if isinstance(body, bytes) else b""


class _UnfoldedLatin1(Compat32):
    """compat32, the policy that never fails, with values on one line and 8-bit bytes as latin-1.

    As compat32 has it, raw 8-bit values come back as Header objects of charset unknown-8bit, which lose their bytes.
    """

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        value = value.replace("\r", "").replace("\n", "").encode("ascii", "surrogateescape").decode("latin-1")
        # The library's parameter reader takes quadratic time.
        limit = MAX_STRUCTURED_FIELD_CHARS if name.lower().startswith("content-") else None
        return name, value.strip(" \t")[:limit]


_POLICY: Final = cast("Policy[Entity]", _UnfoldedLatin1())


def parse(text: bytes, budget: Budget) -> Entity:
    """The tree of a message that guard.py has let through. Raises Unparsable when time is up."""
    parser = BytesFeedParser(Entity, policy=_POLICY)
    for start in range(0, len(text), _CHUNK_BYTES):
        parser.feed(text[start : start + _CHUNK_BYTES])
        budget.check_time()
    return parser.close()


def parse_header(block: bytes) -> Entity:
    """A header block alone; what follows it is not looked at."""
    return BytesHeaderParser(Entity, policy=_POLICY).parsebytes(block)
