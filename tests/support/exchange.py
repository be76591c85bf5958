"""The sandbox exchange as a real process on a free port, in a folder of its own, with keys made for it."""

import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from helpdesk.embedded import keys
from helpdesk.embedded.places import ROOT
from helpdesk.launcher import preflight
from sandbox import transport
from sandbox.conformance.target import Target, key_from, kid_of

PATIENCE_S = 20.0
ORIGIN = "http://localhost:8000"
HOLDS = "BTC=2.000000000000000000"
AT_ONCE = 12


@dataclass
class RunningExchange:
    """One exchange; two accounts are set aside for the tests."""

    folder: Path
    port: int
    environment: dict[str, str]
    gateway_key: str
    verifier_key: str
    accounts: tuple[str, str] = ("", "")
    # Opened, and nobody's yet.
    spare: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The back channel."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def database(self) -> Path:
        """Its SQLite file."""
        return self.folder / "sandbox" / "exchange.sqlite3"

    def command(self, *words: str, check: bool = True) -> str:
        """Run a command of the exchange's staff; returns what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "sandbox", *words], cwd=ROOT, env=self.environment, text=True, capture_output=True,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0 or not check, done.stdout + done.stderr
        return done.stdout.strip()

    def open_accounts(self) -> tuple[str, str]:
        """Return two accounts with something on them that no other test has; a process opens many at once."""
        if not self.spare:
            names = [f"{number}-{time.monotonic_ns()}@x.test" for number in range(AT_ONCE)]
            self.spare += self.command("open-account", *names, "--holds", HOLDS).split()
        return self.spare.pop(), self.spare.pop()

    def target(self, cookie: str = "") -> Target:
        """Return what the conformance command is told of it."""
        gateway, verifier = key_from(self.gateway_key, ""), key_from(self.verifier_key, "")
        return Target(
            url=self.url, issuer=self.url, site_url=f"http://localhost:{self.port}", gateway_key=gateway,
            verifier_key=verifier, gateway_kid=kid_of(gateway, "gateway"), verifier_kid=kid_of(verifier, "verifier"),
            account=self.accounts[0], customer=f"c-{self.accounts[0]}", other_account=self.accounts[1],
            other_customer=f"c-{self.accounts[1]}", origin=ORIGIN, rp_id="localhost",
            redirect_uri=f"{ORIGIN}/portal/hand-off/", asset="BTC", amount="0.000000010000000000", cookie=cookie,
        )  # fmt: skip


@contextmanager
def exchange(folder: Path, *, application: str = "sandbox.wsgi:application", **given: str) -> Iterator[RunningExchange]:
    """Run an exchange in `folder` for the time of the block."""
    port = int(given.get("SANDBOX_PORT") or preflight.free_port())
    gateway, verifier = keys.signing_key(), keys.signing_key()
    public = folder / "public" / "pharos-keys.json"
    keys.write_public_keys(public, gateway=gateway, verifier=verifier)
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    environment = kept | {
        "SANDBOX_PORT": str(port), "SANDBOX_DIR": str(folder / "sandbox"), "SANDBOX_PHAROS_JWKS": str(public),
        "VAR_DIR": str(folder), "PORT": "8000", "PYTHONPATH": str(ROOT), **given,
    }  # fmt: skip
    running = RunningExchange(folder, port, environment, gateway, verifier)
    log = folder / "exchange.log"
    with log.open("w") as out:
        process = subprocess.Popen(
            [
                sys.executable, "-m", "gunicorn", application, "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread",
                "--workers", "1", "--threads", "8", "--no-control-socket", "--log-level", "warning",
            ],
            cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
        )  # fmt: skip
    try:
        _wait_until_ready(running, process, log)
        running.accounts = running.open_accounts()
        yield running
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_ready(running: RunningExchange, process: subprocess.Popen[bytes], log: Path) -> None:
    give_up = time.monotonic() + PATIENCE_S
    while True:
        try:
            if transport.send("GET", f"{running.url}/healthz").status == 200:
                return
        except OSError:
            pass
        if process.poll() is not None or time.monotonic() > give_up:
            pytest.fail(f"The exchange did not start: {log.read_text()}", pytrace=False)
        time.sleep(0.05)


@pytest.fixture(scope="session")
def running_exchange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningExchange]:
    """One exchange for all tests that leave it as it is for the others."""
    with exchange(tmp_path_factory.mktemp("exchange")) as running:
        yield running


@pytest.fixture
def own_accounts(running_exchange: RunningExchange, owner_connection: Any) -> RunningExchange:
    """The same with two accounts of this test's own.

    An account belongs to one customer of Pharos for good, and databases of tests number theirs alike: here from
    somewhere else each time.
    """
    first = secrets.randbelow(2**40) + 1_000
    owner_connection.execute("SELECT setval(pg_get_serial_sequence('accounts_customer', 'id'), %s)", [first])
    return replace(running_exchange, accounts=running_exchange.open_accounts())
