"""docs/protection.md says what the code holds: figures, modules with cryptography and connections, words, loggers."""

import importlib
import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings

from helpdesk.settings import base
from security import password_words
from tests.contracts.asvs.sources import FLOORS, ROOT, product_files

TEXT = (ROOT / "docs" / "protection.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL))
FIGURES = re.findall(r"^\| `([\w.]+:[\w.]+)` \| ([\d.]+) \|$", TEXT, re.MULTILINE)
CRYPTOGRAPHY = re.compile(
    r"^\s*(?:import|from) (?:hashlib|hmac|secrets|cryptography|nacl|pyotp|jwt|webauthn|oauthlib|dkim"
    r"|twilio\.request_validator|Crypto)\b|django\.core(?:\.signing| import signing)",
    re.MULTILINE,
)
CONNECTIONS = re.compile(
    r"create_connection\(|HTTPS?Connection\b|SMTP(?:_SSL)?\(|IMAP4|urlopen|build_opener|aiohttp|websockets|AF_UNIX"
    r"|psycopg\.connect"
)
WEAK_CIPHERS = re.compile(r"modes\.(?:ECB|CBC|CFB|OFB)|ARC4|TripleDES|Blowfish|\bDES\b|PKCS1v15|\bAES\.new")
WEAK_HASHES = re.compile(r"\b(?:md4|md5|sha1|ripemd160)\(", re.IGNORECASE)
WEAK_RANDOM = re.compile(r"^\s*(?:import random\b|from random import)", re.MULTILINE)
# Where chance needs no secrecy: pauses, and whose turn it is to look.
HARMLESS_CHANCE = {
    "tickets/delivery/sending.py",
    "tickets/socket_rounds.py",
    "tickets/channels/discord/gateway.py",
    "tickets/channels/email/imap.py",
}


def modules_with(pattern: re.Pattern[str]) -> set[str]:
    """The product's modules in which it is found."""
    found = (path.relative_to(ROOT).as_posix() for path in product_files() if pattern.search(path.read_text("utf-8")))
    return {path for path in found if "/migrations/" not in path}


def listed(section: str) -> set[str]:
    """The modules that a section names behind **Where**."""
    where = re.search(r"\*\*Where\*\*: (.*?)\n\n", SECTIONS[section], re.DOTALL)
    assert where is not None
    return set(re.findall(r"`([\w/]+\.py)`", where[1]))


def value_of(name: str) -> Any:
    """What the code has under `settings:NAME`, `settings:NAME.key` or `module:NAME`."""
    module, _, path = name.partition(":")
    first, *keys = path.split(".")
    held = getattr(base if module == "settings" else importlib.import_module(module), first)
    for key in keys:
        held = held[key]
    return held.total_seconds() if isinstance(held, timedelta) else held


@pytest.mark.parametrize(("name", "figure"), FIGURES)
def test_figure__in_the_document__is_that_of_the_code(name: str, figure: str) -> None:
    assert float(figure) == float(value_of(name))


def test_figures__of_every_kind__are_there() -> None:
    with_figures = ("Files", "Limits against haste and floods", "Signing in", "Sessions", "Data")
    assert [
        title for title in with_figures if ":" not in "".join(re.findall(r"^\| `[^`]+`", SECTIONS[title], re.MULTILINE))
    ] == []
    assert len(FIGURES) >= 40


def test_cryptography__modules_that_use_it__are_the_listed_ones() -> None:
    assert modules_with(CRYPTOGRAPHY) == listed("Cryptography")


def test_connections__modules_that_open_one__are_the_listed_ones() -> None:
    assert modules_with(CONNECTIONS) == listed("Whom Pharos talks to")


def test_parties__addresses_that_settings_name__are_listed() -> None:
    names = {name for name in dir(base) if name.endswith(("_API_URL", "_GRAPH_URL"))} | {"EXCHANGE_URL", "REDIS_URL"}
    assert sorted(name for name in names if f"`{name}`" not in SECTIONS["Whom Pharos talks to"]) == []


def test_ciphers__bare_or_broken_ones__are_used_nowhere() -> None:
    assert modules_with(WEAK_CIPHERS) == set()
    assert WEAK_CIPHERS.search("Cipher(algorithms.AES(key), modes.ECB())")


def test_hashes__weak_ones__are_used_nowhere_in_python_or_sql() -> None:
    written = [*product_files(), *(path for floor in FLOORS for path in (ROOT / floor).rglob("*.sql"))]
    assert [path.name for path in written if WEAK_HASHES.search(path.read_text(encoding="utf-8"))] == []
    assert WEAK_HASHES.search("SELECT md5(prosrc)")


def test_chance__of_the_plain_kind__decides_nothing_secret() -> None:
    assert modules_with(WEAK_RANDOM) <= HARMLESS_CHANCE


def test_words__refused_in_passwords__are_listed() -> None:
    assert [word for word in password_words.WORDS if not re.search(rf"\b{word}\b", SECTIONS["Signing in"])] == []


def test_keys__of_the_environment__are_in_the_inventory() -> None:
    asked = {name for name in (*dir(base), *dir(settings)) if name.endswith(("_KEY", "_KEYS"))} - {"CONVERSATION_KEY"}
    names = {"SECRET_KEY" if name == "SECRET_KEY" else f"PHAROS_{name}" for name in asked if name.isupper()}
    assert sorted(name for name in names if f"`{name}`" not in SECTIONS["Cryptography"]) == []


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ("Input", ("constraints", "checked together", "order")),
        ("Limits against haste and floods", ("What costs most", "bound")),
        ("Signing in", ("There is no other way in", "resembles")),
        ("Sessions", ("NIST SP 800-63B", "any number of sessions", "The exchange's session and ours")),
        ("Rights and circumstances", ("permissions.py", "Fields", "Circumstances that count")),
        ("Cryptography", ("Life of keys", "renewed", "What comes next")),
        ("Data", ("restricted", "append-only")),
        ("Logs", ("request id", "for good", "NTP")),
        ("Dangerous work and risky parts", ("subprocesses", "few people maintain")),
        ("Browsers", ("Content Security Policy", "WebAuthn")),
        ("The reverse proxy", ("TLS 1.2 and 1.3", "forward secrecy", "X-Forwarded-For")),
    ],
)
def test_section__of_the_document__says_what_it_is_for(section: str, words: tuple[str, ...]) -> None:
    assert [word for word in words if word not in SECTIONS[section]] == []
