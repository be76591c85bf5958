"""TLS and what an image carries: read from the code and the files that build it."""

import re
import ssl
from pathlib import Path

import pytest

from tests.contracts.asvs.sources import product_files
from tickets.channels.email.secure import client_context
from tickets.models import Mailbox

ROOT = Path(__file__).parents[3]
# Contexts that look at no certificate, or speak what is broken.
WEAK = re.compile(
    r"CERT_NONE|check_hostname\s*=\s*False|verify\s*=\s*False|_create_unverified|PROTOCOL_(SSL|TLSv1\b)|SSLContext\("
)


def contexts() -> list[ssl.SSLContext]:
    """One of each kind that we make."""
    return [ssl.create_default_context(), client_context(Mailbox())]


@pytest.mark.parametrize("index", [0, 1])
def test_context__of_ours__is_tls_1_2_at_least_and_looks_at_certificates(index: int) -> None:
    context = contexts()[index]
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


@pytest.mark.parametrize("index", [0, 1])
def test_context__of_ours__takes_no_cipher_without_forward_secrecy(index: int) -> None:
    names = [cipher["name"] for cipher in contexts()[index].get_ciphers()]
    assert names
    assert [name for name in names if not name.startswith(("TLS_", "ECDHE-", "DHE-"))] == []
    assert [name for name in names if re.search("RC4|DES|MD5|NULL|EXP", name)] == []


def test_source__of_the_product__weakens_no_context() -> None:
    assert [str(path) for path in product_files() if WEAK.search(path.read_text(encoding="utf-8"))] == []


def test_weak__planted__is_found() -> None:
    assert WEAK.search("context.check_hostname = False")
    assert WEAK.search("requests.get(url, verify=False)")


def test_servers__of_pages_and_sockets__do_not_name_themselves() -> None:
    assert "ident=None" in (ROOT / "helpdesk" / "serving.py").read_text(encoding="utf-8")
    started = [ROOT / "helpdesk" / "launcher" / "programs.py", ROOT / "docker-compose.yml"]
    assert [path.name for path in started if "--no-server-header" not in path.read_text(encoding="utf-8")] == []


def test_image__what_is_sent_to_the_build__is_listed_and_holds_no_history() -> None:
    first, *rest = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert first == "*"
    assert [line for line in rest if line.startswith(("!.", "!docs", "!tests", "!var", "!secrets"))] == []
    copied = re.findall(r"^COPY (?!--from)(\S+)", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    assert copied
    assert [name for name in copied if name in {".", "*"} or name.startswith((".", "secrets", "tests"))] == []
