"""Credentials of HTTP and APIs: Authorization and Cookie values as text, cURL or JSON; tokens; labelled API secrets."""

import re
from collections.abc import Iterator

from security.redaction.findings import Finding, Kind
from security.redaction.folding import caseless

_QUOTE = r"(?:\\?[\"'`])"
_VALUE = r"[^\r\n\"'`\\<>⟦⟧]{1,8192}"

_AUTHORIZATION = re.compile(
    rf"(?<![\w])(?:proxy-|x-)?authorization{_QUOTE}?\s{{0,3}}[:=]\s{{0,3}}{_QUOTE}?"
    rf"(?P<value>(?:bearer|basic|digest|token|apikey|api-key|negotiate|ntlm|hmac|hawk|key|aws4-hmac-sha256)\s{{1,3}}"
    rf"(?P<credential>(?:{_VALUE}))|(?P<single>[^\s\r\n\"'`\\<>⟦⟧,;]{{16,8192}}))",
    re.IGNORECASE,
)
_BEARER = re.compile(r"(?<!\w)bearer\s{1,3}(?P<value>[A-Za-z0-9_\-.~+/]{16,8192}={0,2})", re.IGNORECASE)
_JWT = re.compile(r"(?<![\w.-])eyJ[\w-]{8,4096}\.eyJ[\w-]{4,8192}\.[\w-]{0,2048}(?![\w-])")
_COOKIE = re.compile(
    rf"(?<![\w])(?:set-)?cookie2?{_QUOTE}?\s{{0,3}}:\s{{0,3}}{_QUOTE}?(?P<value>[!#$%&*+.^_|"
    rf"~0-9A-Za-z-]{{1,256}}={_VALUE})",
    re.IGNORECASE,
)
_COOKIE_FLAG = re.compile(
    rf"(?<![\w-])(?:(?<=\s)--cookie|(?<=\s)-b|document\.cookie)[ =]{{1,3}}{_QUOTE}?(?P<value>[!#$%&*+.^_|"
    rf"~0-9A-Za-z-]{{1,256}}={_VALUE})",
    re.IGNORECASE,
)
_HAR_NAMES = (
    r"(?:set-)?cookie2?|(?:proxy-)?authorization|x-(?:mbx-)?api-?key|x-auth-token|x-access-token|"
    r"x-csrf-?token|x-xsrf-token|api-key|"
    r"access-(?:key|sign|passphrase)|ok-access-(?:key|sign|passphrase)"
)
_JSON_STRING = r"(?:[^\"\\\r\n⟦⟧]|\\(?!\").){1,8192}"
_HAR_PAIR = re.compile(
    rf"\\?\"name\\?\"\s{{0,8}}:\s{{0,8}}\\?\"(?P<name>{_HAR_NAMES})\\?\"\s{{0,8}},\s{{0,40}}\\?\"value\\?\"\s{{0,8}}:\s{{0,8}}\\?\"(?P<value>{_JSON_STRING})",
    re.IGNORECASE,
)
_HAR_PAIR_REVERSED = re.compile(
    rf"\\?\"value\\?\"\s{{0,8}}:\s{{0,8}}\\?\"(?P<value>{_JSON_STRING})\\?\"\s{{0,8}},\s{{0,40}}\\?\"name\\?\"\s{{0,8}}:\s{{0,8}}\\?\"(?P<name>{_HAR_NAMES})\\?\"",
    re.IGNORECASE,
)
_HAR_COOKIES = re.compile(r"\"cookies\"\s{0,8}:\s{0,8}\[", re.IGNORECASE)
_HAR_COOKIE_VALUE = re.compile(rf"\"value\"\s{{0,8}}:\s{{0,8}}\"(?P<value>{_JSON_STRING})\"")

_NAMES_OF_SECRETS = (
    r"api[\s_-]?(?:secret(?:[\s_-]?key)?|key[\s_-]?secret|key|token|passphrase)|"
    r"secret[\s_-]?(?:access[\s_-]?)?key|secret|client[\s_-]?secret|app[\s_-]?secret|"
    r"(?:access|refresh|auth|session|id|bearer)[\s_-]?token|webhook[\s_-]?secret|signing[\s_-]?secret|"
    r"private[\s_-]?key|priv[\s_-]?key|"
    r"x-(?:mbx-)?api-?key|ok-access-(?:key|sign|passphrase)|x-auth-token|api\s?(?:密钥|金鑰|密鑰|秘钥)|(?:密钥|金鑰|密鑰|秘钥|"
    r"私钥|私鑰|秘密鍵)"
)
_LABELLED_SECRET = re.compile(
    rf"(?:(?<![\w-])|(?<=_)|(?<=[^\x00-\x7f]))(?:{_NAMES_OF_SECRETS}){_QUOTE}?\s{{0,3}}(?:[:=：]|=>|是|为|為|is\s|"
    rf"was\s)\s{{0,3}}{_QUOTE}?"
    r"(?P<value>[A-Za-z0-9_\-+/=.~]{16,4096})",
    re.IGNORECASE,
)
_VENDOR = re.compile(
    r"(?<![A-Za-z0-9_])(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_\w{60,100}|sk_(?:live|"
    r"test)_[A-Za-z0-9]{16,255}|xox[abprs]-[A-Za-z0-9-]{20,255}|"
    r"SG\.[\w-]{16,64}\.[\w-]{16,64}|glpat-[\w-]{20,64}|sk-(?:proj-|ant-)?[\w-]{32,255}|AIza[\w-]{35})(?![A-Za-z0-9_])"
)
# Some part of every name above, and of every vendor's form: without one there is nothing to look for.
_PARTS_OF_NAMES = (
    "secret",
    "key",
    "token",
    "passphrase",
    "ok-access",
    *["密钥", "金鑰", "密鑰", "秘钥", "私钥", "私鑰", "秘密鍵"],
)
_PARTS_OF_FORMS = (
    "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "sk_", "sk-", "xox", "SG.", "glpat-", "AIza",
)  # fmt: skip


def http_credentials(text: str) -> Iterator[Finding]:
    """Find header values, cookies and tokens; every repeat is bounded, so time is linear."""
    words = caseless(text)
    if "authorization" in words:
        yield from _authorizations(text)
    for part, pattern, group, reason in (("bearer", _BEARER, "value", "bearer"), ("eyj", _JWT, 0, "jwt")):
        for match in pattern.finditer(text) if part in words else ():
            if _is_token(match.group(group)):
                yield Finding(Kind.AUTHORIZATION_HEADER, *match.span(group), reason)
    is_shell_or_script = "document.cookie" in words or "curl" in words
    for pattern, is_wanted in ((_COOKIE, "cookie" in words), (_COOKIE_FLAG, is_shell_or_script)):
        for match in pattern.finditer(text) if is_wanted else ():
            yield Finding(Kind.HAR_COOKIE, *match.span("value"), "header")
    yield from _har_shapes(text)
    if any(part in words for part in _PARTS_OF_NAMES):
        yield from _labelled_secrets(text)
    if any(part in text for part in _PARTS_OF_FORMS):
        for match in _VENDOR.finditer(text):
            yield Finding(Kind.API_SECRET, *match.span(), "known_format")


def _authorizations(text: str) -> Iterator[Finding]:
    for match in _AUTHORIZATION.finditer(text):
        credential = (match.group("credential") or "").split()
        if match.group("single") or (credential and _is_token(credential[0])):
            yield Finding(Kind.AUTHORIZATION_HEADER, *match.span("value"), "header")


def _har_shapes(text: str) -> Iterator[Finding]:
    """`{"name": "Cookie", "value": …}` in either order, and whole `"cookies": […]` lists."""
    if '"name' not in text and '"value' not in text and '\\"name' not in text:
        return
    for pattern in (_HAR_PAIR, _HAR_PAIR_REVERSED):
        for match in pattern.finditer(text):
            kind = Kind.HAR_COOKIE if "cookie" in match.group("name").lower() else Kind.AUTHORIZATION_HEADER
            yield Finding(kind, *match.span("value"), "har_header")
    position = 0
    while cookies := _HAR_COOKIES.search(text, position):
        position = text.find("]", cookies.end())
        position = len(text) if position < 0 else position
        for match in _HAR_COOKIE_VALUE.finditer(text, cookies.end(), position):
            yield Finding(Kind.HAR_COOKIE, *match.span("value"), "har_cookie")


def _labelled_secrets(text: str) -> Iterator[Finding]:
    for match in _LABELLED_SECRET.finditer(text):
        if _is_token(match.group("value")):
            yield Finding(Kind.API_SECRET, *match.span("value"), "labelled")


def _is_token(value: str) -> bool:
    """A token mixes letters with digits, or is too long to be a word."""
    has_letter = any(character.isalpha() for character in value)
    has_digit = any(character.isdigit() for character in value)
    return (has_letter and has_digit and len(value) >= 8) or len(value) >= 40
