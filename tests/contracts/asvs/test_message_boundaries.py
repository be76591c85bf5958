"""Where a request ends: what the server of pages makes of lengths that contradict (RFC 9112, section 6.3)."""

import pytest
from waitress.adjustments import Adjustments
from waitress.parser import HTTPRequestParser

HEAD = b"POST /sign-in/ HTTP/1.1\r\nHost: support.test\r\n"


def parsed(head: bytes, body: bytes = b"") -> HTTPRequestParser:
    """The server's reading of a request with these further fields."""
    parser, waiting = HTTPRequestParser(Adjustments(ident=None)), HEAD + head + b"\r\n" + body
    while waiting and not parser.completed:
        waiting = waiting[parser.received(waiting) :]
    return parser


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 5\r\nContent-Length: 6\r\n",
        b"Content-Length: 5, 5\r\n",
        b"Content-Length: +5\r\n",
        b"Content-Length: 0x5\r\n",
        b"Content-Length: 5\r\n folded\r\n",
        b"Transfer-Encoding: chunked, identity\r\n",
        b"Transfer-Encoding: gzip, chunked\r\n",
        b"Transfer-Encoding : chunked\r\n",
        b"Content-Length\x00: 5\r\n",
    ],
)
def test_request__whose_length_contradicts_itself__is_refused(head: bytes) -> None:
    assert parsed(head).error is not None


def test_request__with_both_lengths__is_read_by_its_chunks_alone() -> None:
    read = parsed(b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", b"5\r\nhello\r\n0\r\n\r\n")
    assert (read.error, read.completed) == (None, True)
    assert read.headers["CONTENT_LENGTH"] == "5"
    assert read.get_body_stream().read() == b"hello"


def test_request__that_is_plain__is_read_whole() -> None:
    read = parsed(b"Content-Length: 5\r\n", b"hello")
    assert (read.error, read.completed) == (None, True)
    assert read.get_body_stream().read() == b"hello"
