"""Redaction of HAR files: nothing that signs someone in survives, and the file stays a HAR."""

import json
from typing import Any

import pytest

from security.redaction import redact_har
from tests.corpus.redaction import words

SECRETS = [
    "s3ssion0cookie",
    "b3arer0token",
    "r3sponse0cookie",
    "qu3ry0token",
    "f0rm0password",
    "b0dy0access",
    "gra9hql0secret",
    "JBSWY3DPEHPK3PXP",
    "c00kie0list",
    "h3ader0map",
    "4111111111111111",
    "cGxhaW4gYm9keQ",
    *words("english", 12, "har")[-1:],
]


def _har() -> dict[str, Any]:
    entry = {
        "startedDateTime": "2024-05-18T10:15:30.000Z",
        "request": {
            "method": "POST",
            "url": "https://pharos.example/api/v1/orders?symbol=BTCUSDT&access_token=qu3ry0token#id_token=qu3ry0token",
            "headers": [
                {"name": "Accept", "value": "application/json"},
                {"name": "cookie", "value": "sid=s3ssion0cookie; theme=dark"},
                {"name": "AUTHORIZATION", "value": "Bearer b3arer0token"},
            ],
            "cookies": [{"name": "theme", "value": "c00kie0list"}],
            "queryString": [{"name": "symbol", "value": "BTCUSDT"}, {"name": "access_token", "value": "qu3ry0token"}],
            "postData": {
                "mimeType": "application/x-www-form-urlencoded",
                "text": "email=ana%40mail.example&password=f0rm0password",
                "params": [{"name": "password", "value": "f0rm0password"}],
            },
        },
        "response": {
            "status": 200,
            "headers": [{"name": "Set-Cookie", "value": "sid=r3sponse0cookie; HttpOnly"}],
            "content": {
                "mimeType": "application/json",
                "text": json.dumps(
                    {
                        "accessToken": "b0dy0access",
                        "ok": True,
                        "note": "card 4111111111111111",
                        "inner": [
                            {"client_secret": "gra9hql0secret", "qr": "otpauth://totp/x?secret=JBSWY3DPEHPK3PXP"}
                        ],
                        "phrase": " ".join(words("english", 12, "har")),
                    }
                ),
            },
        },
        "_map": {"Cookie": "a=h3ader0map"},
    }
    encoded = {
        "request": {"url": "https://x.example/"},
        "response": {"content": {"encoding": "base64", "text": "cGxhaW4gYm9keQ=="}},
    }
    return {"log": {"version": "1.2", "entries": [entry, encoded]}}


@pytest.mark.attack("C6")
def test_redact_har__live_session__is_taken_out() -> None:
    source = json.dumps(_har())
    assert [secret for secret in SECRETS if secret not in source] == []
    cleaned = redact_har(source.encode())
    assert cleaned is not None
    text = cleaned.decode()
    assert [secret for secret in SECRETS if secret in text] == []
    entry = json.loads(text)["log"]["entries"][0]
    assert entry["request"]["method"] == "POST"
    assert "symbol=BTCUSDT" in entry["request"]["url"]
    assert entry["request"]["headers"][0] == {"name": "Accept", "value": "application/json"}
    assert json.loads(entry["response"]["content"]["text"])["ok"] is True


@pytest.mark.parametrize("content", [b"", b"hello", b'{"a": 1}', b'["log", "entries"]', b"\xff\xfe\x00"])
def test_redact_har__not_a_har__is_none(content: bytes) -> None:
    assert redact_har(content) is None


@pytest.mark.attack("C6")
@pytest.mark.parametrize(
    "content",
    [
        json.dumps(_har())[:-1].encode(),
        b'{"log": {"entries": ' + b"[" * 100_000 + b'"Cookie: sid=s3ssion0cookie"',
        b"\xff" + json.dumps(_har()).encode(),
    ],
)
def test_redact_har__broken_har__is_returned_as_redacted_text(content: bytes) -> None:
    cleaned = redact_har(content)
    assert cleaned is not None
    assert b"s3ssion0cookie" not in cleaned
    assert b"b3arer0token" not in cleaned
