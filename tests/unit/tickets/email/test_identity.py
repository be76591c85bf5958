"""What makes two mails the same, and that an absurd header costs nothing to compare."""

import tracemalloc

import pytest

from tickets.channels.email.identity import content_identity

MAIL = b"Received: from a\r\n by b\r\nSubject: x\r\n folded\r\nX-Spam-Score: 1\r\n\r\nhello\r\n"


def test_content_identity__transport_fields_with_their_folded_lines__do_not_count() -> None:
    assert content_identity(MAIL) == content_identity(b"Subject: x\n folded\n\nhello")
    assert content_identity(MAIL) != content_identity(MAIL.replace(b" folded", b" other"))


@pytest.mark.parametrize("line", [b"X-A: y\r\n", b" folded\r\n"])
def test_content_identity__header_of_megabytes__needs_little_memory(line: bytes) -> None:
    raw = b"X-A: y\r\n" + line * (2_000_000 // len(line)) + b"\r\nhello"
    tracemalloc.start()
    try:
        content_identity(raw)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 6_000_000
