"""A real IMAP and LMTP server: Debian's dovecot on free ports with its own configuration and certificate."""

import grp
import os
import pwd
import shutil
import smtplib
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

from helpdesk.launcher.preflight import free_port
from helpdesk.launcher.progress import tail
from tests.support import session

BINARY = "/usr/sbin/dovecot"
MISSING = "IMAP tests need dovecot: install it as root with `apt-get install dovecot-imapd dovecot-lmtpd`."
PASSWORD = "pw"
SERVICES = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols = imap lmtp
listen = 127.0.0.1
ssl = required
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 0
mail_uid = {user}
mail_gid = {group}
imap_idle_notify_interval = 10 s
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap_port}
  }}
  inet_listener imaps {{
    port = {imaps_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service lmtp {{
  inet_listener lmtp {{
    port = {lmtp_port}
  }}
}}
"""
MAIL_2_3 = """
disable_plaintext_auth = yes
ssl_cert = <{folder}/server.pem
ssl_key = <{folder}/server.key
mail_location = maildir:{folder}/mail/%u
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/mail/%u
}}
"""
MAIL_2_4 = """
dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
auth_allow_cleartext = no
ssl_server_cert_file = {folder}/server.pem
ssl_server_key_file = {folder}/server.key
mail_driver = maildir
mail_path = {folder}/mail/%{{user}}
passdb static {{
  password = {password}
}}
userdb static {{
  fields {{
    uid = {user}
    gid = {group}
    home = {folder}/mail/%{{user}}
  }}
}}
"""


@dataclass(frozen=True)
class Dovecot:
    """A running server on 127.0.0.1; every user name exists and has the same password."""

    imap_port: int
    """IMAP with STARTTLS; plain passwords are refused before it."""
    imaps_port: int
    lmtp_port: int
    ca_file: Path
    log: Path
    password: str = PASSWORD

    def maildir(self, user: str) -> Path:
        """Return the folder that holds the mails of `user`."""
        return self.log.parent / "mail" / user

    def deliver(self, recipient: str, raw: bytes, sender: str = "customer@example.com") -> None:
        """Put one message into a mailbox over LMTP."""
        with smtplib.LMTP("127.0.0.1", self.lmtp_port) as client:
            client.sendmail(sender, [recipient], raw)


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """The server, started for the first test that asks."""
    with serving("dovecot") as server:
        yield server


@contextmanager
def serving(name: str) -> Iterator[Dovecot]:
    """Run a server of its own in the folder `name`; a missing program fails with a sentence."""
    if not Path(BINARY).exists():
        pytest.fail(MISSING, pytrace=False)
    folder = session.current().own.var_dir / name
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "mail").mkdir(parents=True)
    server = Dovecot(free_port(), free_port(), free_port(), folder / "ca.pem", folder / "dovecot.log")
    _write(folder, server)
    with (folder / "stderr.log").open("w") as said:
        process = subprocess.Popen(
            [BINARY, "-F", "-c", str(folder / "dovecot.conf")], stdin=subprocess.DEVNULL, stdout=said, stderr=said,
            start_new_session=True,
        )  # fmt: skip
    try:
        _wait(server, process, folder)
        yield server
    finally:
        process.terminate()
        process.wait(10)


def _write(folder: Path, server: Dovecot) -> None:
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost", "127.0.0.1")
    authority.cert_pem.write_to_path(str(server.ca_file))
    certificate.private_key_pem.write_to_path(str(folder / "server.key"))
    for number, blob in enumerate(certificate.cert_chain_pems):
        blob.write_to_path(str(folder / "server.pem"), append=number > 0)
    user, group = _account()
    version = subprocess.run([BINARY, "--version"], capture_output=True, text=True, check=True).stdout
    newer = not version.startswith("2.3")
    text = (MAIL_2_4 + SERVICES if newer else SERVICES + MAIL_2_3).format(
        folder=folder, user=user, group=group, password=PASSWORD,
        imap_port=server.imap_port, imaps_port=server.imaps_port, lmtp_port=server.lmtp_port,
    )  # fmt: skip
    (folder / "dovecot.conf").write_text(text, encoding="utf-8")
    if os.geteuid() == 0:
        shutil.chown(folder / "mail", user, group)
        for part in (folder, *folder.parents):
            if part.name.startswith(("pharos-test-", "dovecot")) or part.parent.name.startswith("pharos-test-"):
                part.chmod(part.stat().st_mode | 0o111)


def _account() -> tuple[str, str]:
    """Return the account dovecot's processes run as: nobody for root, else the person's own."""
    if os.geteuid() == 0:
        return "nobody", "nogroup"
    return pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(os.getegid()).gr_name


def _wait(server: Dovecot, process: subprocess.Popen[bytes], folder: Path) -> None:
    give_up = time.monotonic() + 15
    for port in (server.imap_port, server.imaps_port, server.lmtp_port):
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            if process.poll() is not None or time.monotonic() > give_up:
                said = tail(folder / "stderr.log") or tail(server.log)
                pytest.fail(f"dovecot did not start: {said}", pytrace=False)
            time.sleep(0.02)
