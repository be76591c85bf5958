"""The redactor of files: text-like files lose their secrets before they are stored, all others stay as they came."""

from core.content_types import sniff
from security.redaction.har import redact_har
from security.redaction.html import redact_html
from security.redaction.plain_text import redact

# Larger text is kept as it came: masking takes about two seconds per megabyte. A HAR is cleaned at any size.
MAX_TEXT_BYTES = 5 * 1024 * 1024
_MARKUP = frozenset({"text/html", "application/xml", "image/svg+xml"})
_TEXT = frozenset({"application/json", "message/rfc822", *_MARKUP})
_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


def redact_file(content: bytes, name: str) -> bytes:
    """Return `content` with its secrets masked, in the encoding it came in; binary files are returned untouched.

    A file is judged by its content. `name` never makes a file binary. A file without secrets keeps every byte.
    """
    mime = sniff(content, name).mime
    if not masking_bytes(content, name):
        return content
    mark, text, encoding = _decoded(content)
    is_small = _is_text(mime) and len(content) <= MAX_TEXT_BYTES
    if is_small or text.lstrip()[:1] == "{":
        har = redact_har(text.encode("utf-8", errors="replace"))
        if har is not None:
            return har
    if not is_small:
        return content
    cleaned = redact_html(text) if mime in _MARKUP else redact(text)
    return mark + _encoded(cleaned.text, encoding) if cleaned.findings else content


def masking_bytes(content: bytes, name: str) -> int:
    """Return how many bytes `redact_file` would have to look through: what its time follows."""
    begins_as_object = _begins_as_object(content)
    is_small_text = len(content) <= MAX_TEXT_BYTES and _is_text(sniff(content, name).mime)
    return len(content) if begins_as_object or is_small_text else 0


def _is_text(mime: str) -> bool:
    return mime.startswith("text/") or mime in _TEXT


def _begins_as_object(content: bytes) -> bool:
    """Whether this may be a HAR that no reader would call text, broken as it is."""
    return content[:64].removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{"


def _decoded(content: bytes) -> tuple[bytes, str, str]:
    """Return the byte order mark, the text after it and its encoding; latin-1 reads whatever is not Unicode."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return mark, content[len(mark) :].decode(encoding, errors="replace"), encoding
    try:
        return b"", content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return b"", content.decode("latin-1"), "latin-1"


def _encoded(text: str, encoding: str) -> bytes:
    """Encode masked text; where the mask's brackets do not exist, square ones stand for them."""
    if encoding == "latin-1":
        text = text.replace("⟦", "[").replace("⟧", "]")
    return text.encode(encoding, errors="replace")
