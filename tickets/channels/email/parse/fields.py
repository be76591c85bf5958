"""Header fields in order, and the parameters of MIME fields (RFC 2045, RFC 2231), as the library read them."""

from dataclasses import dataclass

from tickets.channels.email.parse import charsets, entity, guard, words
from tickets.channels.email.parse.limits import MAX_HEADER_FIELDS, Unparsable
from tickets.channels.email.parse.records import HeaderField


@dataclass(frozen=True, slots=True)
class HeaderBlock:
    """The fields of one message or part, in order."""

    fields: tuple[HeaderField, ...]

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a field, topmost first."""
        return tuple(field.value for field in self.fields if field.name == name)

    def first(self, name: str) -> str:
        """The topmost value of a field, or ''."""
        return next((field.value for field in self.fields if field.name == name), "")


def header_block(message: entity.Entity) -> HeaderBlock:
    """The header of a message or part. Raises Unparsable when it has too many fields."""
    if len(message) > MAX_HEADER_FIELDS:
        raise Unparsable("too_many_headers", f"The mail has more than {MAX_HEADER_FIELDS} header fields.")
    return HeaderBlock(tuple(HeaderField(name.lower(), value) for name, value in message.items()))


def read_block(block: bytes) -> HeaderBlock:
    """A header block on its own, up to its first blank line. Raises Unparsable when it has too many fields."""
    return header_block(entity.parse_header(guard.mended(block)))


@dataclass(frozen=True, slots=True)
class MediaType:
    """A parsed Content-Type or Content-Disposition: its lower-case value and its parameters.

    Raw 8-bit values are read as text, except for the boundary, which is bytes as latin-1.
    """

    value: str
    params: dict[str, str]

    def param(self, name: str) -> str:
        """A parameter's value, or ''."""
        return self.params.get(name, "")


def media_type(message: entity.Entity) -> MediaType:
    """The Content-Type; anything that is not type/subtype counts as the default (RFC 2045 section 5.2)."""
    return MediaType(message.declared_type(), _params(message, "content-type"))


def disposition(message: entity.Entity) -> MediaType:
    """The Content-Disposition (RFC 2183); '' when there is none."""
    return MediaType((message.get_content_disposition() or "").strip("\"' "), _params(message, "content-disposition"))


def _params(message: entity.Entity, header: str) -> dict[str, str]:
    try:
        pairs: list[tuple[str, object]] = [*message.get_params(header=header, failobj=[])]
    except (ValueError, IndexError, TypeError, AttributeError, RecursionError):
        # The library's RFC 2231 reader trips over absurd section numbers.
        return {}
    params: dict[str, str] = {}
    # A name in RFC 2231 notation (a triple) goes before the plain one beside it, which is for old readers only.
    for name, content in sorted(pairs[1:], key=lambda pair: not isinstance(pair[1], tuple)):
        label = str(name).strip().lower()
        text = _param_text(content)
        is_text = isinstance(content, tuple) or label == "boundary"
        params.setdefault(label, text if is_text else words.recover_8bit(text))
    return params


def _param_text(content: object) -> str:
    """RFC 2231 triples become text; plain values stay as they are (they may still hold encoded words)."""
    if isinstance(content, tuple) and len(content) == 3:
        charset, _language, text = content
        try:
            raw = str(text).encode("latin-1")
        except UnicodeEncodeError:
            return str(text)
        return charsets.decode(raw, charset or "utf-8")[0]
    return str(content).strip().strip('"')
