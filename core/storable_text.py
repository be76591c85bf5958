"""Text that PostgreSQL takes: what a client may send but a UTF-8 column cannot hold is left out."""

import re

# NUL, which no text column holds, and lone surrogates, which UTF-8 cannot write (RFC 3629, 3).
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(text: str) -> str:
    """Return `text` without the characters that would make the database refuse the row."""
    return _UNSTORABLE.sub("", text)
