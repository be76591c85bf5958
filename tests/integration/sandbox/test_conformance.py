"""The conformance command passes on the sandbox, and notices each check that an exchange lacks."""

import subprocess
import sys
from pathlib import Path

import pytest

from helpdesk.embedded.places import ROOT
from sandbox.conformance import report
from tests.integration.sandbox import visits
from tests.support.exchange import RunningExchange, exchange

# What each weakness is noticed by: words of a failed case's name.
NOTICED = {
    "signature": "signed by a stranger under the passkey's id",
    "counter": "a sign count that grows",
    "hash": "a hash of other fields",
    "binding": "another customer than the account's",
    "freeze": "a frozen account: frozen",
    "method": "a review of documents for money",
    "bodies": "the same id with another body",
    "answers": "one effect, one answer",
    "fresh": "older than five minutes",
    "about": "about another amount, action, check or method",
    "request": "of another body",
    "once": "used twice (jti)",
    "bearer": "none: 401",
    "tokens": "alg none",
    "removal": "a factor goes by an executed action only",
    "limits": "more than there is or may leave",
    "pkce": "another verifier or redirect_uri",
    "codes": "a code buys one token",
    "notices": "a notification is taken once",
}

# Lacking together, as far as none of them hides another or is noticed in its stead.
TOGETHER = (
    ("signature", "binding", "fresh", "request", "limits", "pkce"),
    ("counter", "freeze", "about", "once", "codes", "notices"),
    ("hash", "method", "removal"),
    ("bodies",),
    ("answers",),
    ("bearer",),
    ("tokens",),
)


def command(running: RunningExchange, *words: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m sandbox.conformance` against an exchange, its keys in the environment."""
    # Of its own: other tests of this exchange freeze and close theirs.
    first, second = running.open_accounts()
    given = {"PHAROS_GATEWAY_KEY": running.gateway_key, "PHAROS_VERIFIER_KEY": running.verifier_key}
    return subprocess.run(
        [
            sys.executable, "-m", "sandbox.conformance", "--url", running.url, "--account", first, "--other-account",
            second, "--customer", f"c-{first}", "--other-customer", f"c-{second}", *words,
        ],
        cwd=ROOT, env=running.environment | given, text=True, capture_output=True, check=False,
    )  # fmt: skip


def test_conformance__of_the_sandbox__everything_passes(running_exchange: RunningExchange) -> None:
    cookie = visits.cookie_of(running_exchange)

    done = command(running_exchange, "--site-url", f"http://localhost:{running_exchange.port}", "--cookie", cookie)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 failed, 0 not tried" in done.stdout
    assert done.stdout.count("passed  ") >= 60


def test_conformance__without_a_session__says_what_was_not_tried(running_exchange: RunningExchange) -> None:
    done = command(running_exchange)

    assert done.returncode == 2, done.stdout + done.stderr
    assert "2 not tried" in done.stdout


def test_conformance__with_keys_the_exchange_does_not_know__fails(running_exchange: RunningExchange) -> None:
    done = command(running_exchange, "--key", running_exchange.verifier_key)

    assert done.returncode == 1
    assert "FAILED" in done.stdout


def test_conformance__nobody_answers__fails(running_exchange: RunningExchange) -> None:
    done = command(running_exchange, "--url", "http://127.0.0.1:9")

    assert done.returncode == 1
    assert "ConnectionRefusedError" in done.stdout


@pytest.mark.parametrize("lacking", TOGETHER, ids=",".join)
def test_conformance__exchange_without_checks__fails_on_each(lacking: tuple[str, ...], tmp_path: Path) -> None:
    application = "tests.support.weak_exchange:application"
    with exchange(tmp_path, application=application, WEAKNESSES=",".join(lacking)) as weak:
        results = report.run(weak.target(visits.cookie_of(weak)))

    assert report.status(results) == 1
    failed = [result.name for result in results if result.outcome == report.FAILED]
    assert [weakness for weakness in lacking if not any(NOTICED[weakness] in name for name in failed)] == [], failed


def test_weaknesses__each__is_among_those_that_are_tried() -> None:
    assert sorted(weakness for lacking in TOGETHER for weakness in lacking) == sorted(NOTICED)
