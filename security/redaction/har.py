"""The redactor of HAR files (HTTP Archive 1.2): what signs someone in is taken out, the rest stays for diagnosis."""

import json
import re
from typing import Any
from urllib.parse import quote

from security.redaction.findings import Kind, mask
from security.redaction.plain_text import redact

_HEADERS = {
    "cookie": Kind.HAR_COOKIE,
    "set-cookie": Kind.HAR_COOKIE,
    "cookie2": Kind.HAR_COOKIE,
    "set-cookie2": Kind.HAR_COOKIE,
    "authorization": Kind.AUTHORIZATION_HEADER,
    "proxy-authorization": Kind.AUTHORIZATION_HEADER,
    "www-authenticate": Kind.AUTHORIZATION_HEADER,
}
_SECRET_NAME = re.compile(
    r"token|secret|passw|passphrase|api-?key|access-(?:key|sign)|signature|^sign$|^sig$|session|^sid$|csrf|"
    r"xsrf|^auth|^code$|^state$|"
    r"otp|totp|mfa|2fa|pin$|credential|private|seed|mnemonic|assertion|saml|jwt|nonce|verifier|^key$|^fp$|"
    r"device-?id|fingerprint",
    re.IGNORECASE,
)
_QUERY_VALUE = re.compile(r"([?&#;]([^=&#?;\s]{1,200})=)([^&#;\s]{1,16384})")
_JSON_BODY_LIMIT = 5_000_000  # characters
_MASKED = mask(Kind.API_SECRET)


def redact_har(content: bytes) -> bytes | None:
    """The same HAR without cookies, authorization, tokens and other secrets; None when this is no HAR.

    A file that says it is a HAR but cannot be read as one is returned as redacted text, never as it came.
    """
    if b'"log"' not in content or b'"entries"' not in content:
        return None
    text = content.decode("utf-8-sig", errors="replace")
    try:
        document = json.loads(text)
        if not (isinstance(document, dict) and isinstance(document.get("log"), dict)):
            return None
        cleaned = _clean(document, parent="")
        return json.dumps(cleaned, ensure_ascii=False, indent=2).encode("utf-8", errors="replace")
    except (ValueError, RecursionError):
        return redact(text).text.encode("utf-8", errors="replace")


def _clean(node: Any, *, parent: str) -> Any:  # noqa: ANN401 (any JSON value)
    if isinstance(node, dict):
        return _clean_object(node, parent=parent)
    if isinstance(node, list):
        return [_clean(item, parent=parent) for item in node]
    if isinstance(node, str):
        return _clean_string(node)
    return node


def _clean_object(node: dict[str, Any], *, parent: str) -> dict[str, Any]:
    cleaned = {key: _masked_or_clean(key, value) for key, value in node.items()}
    name, value = node.get("name"), node.get("value")
    if isinstance(name, str) and isinstance(value, str) and value:
        kind = Kind.HAR_COOKIE if parent == "cookies" else _HEADERS.get(name.lower())
        if kind is not None:
            cleaned["value"] = mask(kind)
        elif _SECRET_NAME.search(name):
            cleaned["value"] = _MASKED
    body = node.get("text")
    if isinstance(body, str) and body and parent in ("content", "postData"):
        cleaned["text"] = _clean_body(body, is_encoded=node.get("encoding") == "base64")
    return cleaned


def _masked_or_clean(key: str, value: Any) -> Any:  # noqa: ANN401 (any JSON value)
    """Plain maps of headers (`{"Authorization": "…"}`), which some tools write instead of name and value."""
    kind = _HEADERS.get(key.lower())
    if kind is not None and isinstance(value, str) and value:
        return mask(kind)
    return _clean(value, parent=key)


def _clean_body(body: str, *, is_encoded: bool) -> str:
    """A body: JSON is cleaned by key as well; what is encoded cannot be read for secrets and goes."""
    if is_encoded:
        return "⟦removed: encoded body⟧"
    if len(body) <= _JSON_BODY_LIMIT and body.lstrip()[:1] in ("{", "["):
        try:
            return json.dumps(_clean_body_json(json.loads(body)), ensure_ascii=False)
        except (ValueError, RecursionError):
            pass
    return _clean_string(_form_masked(body) if "=" in body[:200] and "<" not in body[:200] else body)


def _clean_body_json(node: Any) -> Any:  # noqa: ANN401 (any JSON value)
    if isinstance(node, dict):
        return {
            key: _MASKED
            if _SECRET_NAME.search(key) and isinstance(value, str | int) and not isinstance(value, bool) and value
            else _clean_body_json(value)
            for key, value in node.items()
        }
    if isinstance(node, list):
        return [_clean_body_json(item) for item in node]
    return _clean_string(node) if isinstance(node, str) else node


def _form_masked(body: str) -> str:
    return _mask_query("?" + body)[1:]


def _clean_string(value: str) -> str:
    if len(value) < 4:
        return value
    return redact(_mask_query(value) if "=" in value and "://" in value[:64] else value).text


def _mask_query(url: str) -> str:
    """Mask query and fragment values whose names say that they are secret, so that the URL stays a URL."""

    def masked(match: re.Match[str]) -> str:
        return match.group(1) + quote(_MASKED) if _SECRET_NAME.search(match.group(2)) else match.group()

    return _QUERY_VALUE.sub(masked, url)
