"""Files lose their secrets by content, in the encoding they came in; what is not text keeps every byte."""

import json

import pytest

from security.redaction import redact_file

SEED = "legal winner thank year wave sausage worth useful legal winner thank yellow"
CARD = "4111 1111 1111 1111"
SECRETS = f"my words: {SEED}\nmy card: {CARD}\n"
HAR = json.dumps(
    {"log": {"version": "1.2", "entries": [{"request": {"headers": [{"name": "Cookie", "value": "sid=topsecret"}]}}]}}
)
MAIL = f"From: a@example.com\r\nSubject: words\r\nContent-Type: text/plain\r\n\r\n{SECRETS}"
HTML = f"<!doctype html><html><body><p>{SEED}</p><td>{CARD}</td></body></html>"


@pytest.mark.attack("C6")
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("notes.txt", SECRETS),
        ("rows.csv", f"name,words,card\nMina,{SEED},{CARD}\n"),
        ("state.json", json.dumps({"words": SEED, "card": CARD})),
        ("page.html", HTML),
        ("forwarded.eml", MAIL),
        ("app.log", f"2026-01-01 INFO {SEED}\n2026-01-01 INFO pan={CARD}\n"),
        ("no extension", SECRETS),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_redact_file__text_with_secrets__is_masked_in_its_encoding(name: str, text: str, encoding: str) -> None:
    sent = text + ("<!-- é -->" if name == "page.html" else "\n" if name == "state.json" else "é\n")
    kept = redact_file(sent.encode(encoding), name).decode(encoding)
    assert "sausage" not in kept
    assert CARD not in kept
    assert "removed: seed phrase" in kept
    assert "removed: card number" in kept


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_redact_file__har_with_or_without_a_mark__loses_its_cookies(encoding: str) -> None:
    kept = redact_file(HAR.encode(encoding), "trace.har")
    assert b"topsecret" not in kept.replace(b"\x00", b"")
    assert json.loads(kept)["log"]["version"] == "1.2"


@pytest.mark.attack("C6")
def test_redact_file__large_har__loses_its_cookies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("security.redaction.files.MAX_TEXT_BYTES", 10)
    assert b"topsecret" not in redact_file(HAR.encode(), "trace.har")
    assert redact_file(SECRETS.encode(), "notes.txt") == SECRETS.encode()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x89PNG\r\n\x1a\n" + SECRETS.encode(),
        b"%PDF-1.7\n" + SECRETS.encode(),
        b"PK\x03\x04" + SECRETS.encode(),
        "nothing secret é\r\n".encode(),
        "nothing secret é\r\n".encode("latin-1"),
        "nothing secret é\r\n".encode("utf-16"),
    ],
)
def test_redact_file__binary_or_nothing_secret__keeps_every_byte(content: bytes) -> None:
    assert redact_file(content, "words.txt") == content
