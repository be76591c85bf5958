"""IMAP against a real dovecot: nothing is flagged before it is kept, no password goes out without TLS."""

import imaplib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from core.models import Heartbeat
from helpdesk import mail_process
from tests.factories.tickets import MailboxFactory
from tests.support.dovecot import Dovecot
from tests.support.letters import letter
from tickets.channels.email import imap
from tickets.models import InboundMail, Mailbox
from tickets.services import raw_mail

PATIENCE_S = 20.0


@pytest.fixture
def box(clone_db: str, dovecot: Dovecot, request: pytest.FixtureRequest) -> Mailbox:
    made: Mailbox = MailboxFactory.create(
        slug="imap",
        address="imap@pharos.test",
        trusted_authserv_id="mx.pharos.test",
        inbound="imap",
        imap_host="127.0.0.1",
        imap_port=dovecot.imaps_port,
        imap_user=f"user-{clone_db[-6:]}",
        imap_secret=dovecot.password,
        ca_certificate=dovecot.ca_file.read_text(),
    )
    return made


@contextmanager
def polling(box: Mailbox, *, keep: object = raw_mail.store, size_limit: int = 1024 * 1024) -> Iterator[imap.Poller]:
    doorstep = imap.Doorstep(
        keep=keep,  # type: ignore[arg-type]
        refuse=mail_process._refuse,
        moved=lambda mailbox, validity: None,
        size_limit=size_limit,
    )
    poller = imap.Poller(box, doorstep)
    poller.start()
    try:
        yield poller
    finally:
        poller.stop()
        poller.join(PATIENCE_S)
        assert not poller.is_alive()


def until(condition: Callable[[], bool]) -> None:
    ends = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < ends, "waited too long"
        threading.Event().wait(0.05)


def unseen(box: Mailbox) -> list[str]:
    with imap.connected(box) as client:
        client.folder.set("INBOX")
        return client.uids("UNSEEN")


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_poller__mail_before_and_during_idle__is_kept_then_flagged(
    box: Mailbox, dovecot: Dovecot, security: str
) -> None:
    box.imap_security = security
    box.imap_port = dovecot.imaps_port if security == "tls" else dovecot.imap_port
    dovecot.deliver(box.imap_user, letter(subject="before"))
    with polling(box):
        until(lambda: InboundMail.objects.count() == 1)
        dovecot.deliver(box.imap_user, letter(subject="during"))
        until(lambda: InboundMail.objects.count() == 2)
        until(lambda: unseen(box) == [])
    assert InboundMail.objects.filter(source="imap", is_from_trusted_mx=True).count() == 2
    assert Heartbeat.objects.get(name="mailbox:imap").is_ok


def test_poller__same_mail_by_smtp_before__is_one_row(box: Mailbox, dovecot: Dovecot) -> None:
    raw = letter()
    raw_mail.store(mailbox=box, raw=raw, source="smtp", envelope_from="", envelope_to=box.address, peer_is_trusted=True)
    dovecot.deliver(box.imap_user, raw)
    with polling(box):
        until(lambda: unseen(box) == [])
    assert InboundMail.objects.count() == 1


def test_poller__f9_dies_between_commit_and_flag__is_exactly_once(box: Mailbox, dovecot: Dovecot) -> None:
    died = threading.Event()

    def keep_and_die(**mail: object) -> object:
        raw_mail.store(**mail)  # type: ignore[arg-type]
        if not died.is_set():
            died.set()
            message = "connection reset"
            raise ConnectionResetError(message)
        return None

    dovecot.deliver(box.imap_user, letter())
    with polling(box, keep=keep_and_die):
        until(lambda: died.is_set() and unseen(box) == [])
    assert InboundMail.objects.count() == 1


def test_poller__too_large__is_left_on_the_server_and_shown_for_review(box: Mailbox, dovecot: Dovecot) -> None:
    dovecot.deliver(box.imap_user, letter(subject="huge", text="x" * 60 + "\n" + ("y" * 60 + "\n") * 1_000))
    dovecot.deliver(box.imap_user, letter(subject="small"))
    with polling(box, size_limit=20_000):
        until(lambda: InboundMail.objects.filter(state="stored").exists())
    row = InboundMail.objects.get(state="quarantined")
    assert row.reason == "left_on_server"
    assert "Subject: huge" in row.preview
    assert len(unseen(box)) == 1


def test_poller__wrong_password__is_down_with_a_reason(box: Mailbox) -> None:
    box.imap_secret = "wrong"
    with polling(box):
        until(lambda: Heartbeat.objects.filter(name="mailbox:imap", is_ok=False).exists())
    assert "password" in Heartbeat.objects.get(name="mailbox:imap").detail


@pytest.mark.attack("A14")
def test_poller__a14_certificate_of_an_unknown_ca__is_down(box: Mailbox) -> None:
    box.ca_certificate = ""
    with polling(box):
        until(lambda: Heartbeat.objects.filter(name="mailbox:imap", is_ok=False).exists())
    assert "certificate" in Heartbeat.objects.get(name="mailbox:imap").detail


@contextmanager
def stripping_server() -> Iterator[tuple[int, list[bytes]]]:
    """An IMAP server that offers no STARTTLS and writes down whatever it is told."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            try:
                while True:
                    client, _peer = server.accept()
                    with client, client.makefile("rwb") as talk:
                        talk.write(b"* OK [CAPABILITY IMAP4rev1] ready\r\n")
                        talk.flush()
                        for line in talk:
                            heard.append(line)
                            tag, _, command = line.partition(b" ")
                            word = command.split()[0].upper() if command.split() else b""
                            if word == b"CAPABILITY":
                                talk.write(b"* CAPABILITY IMAP4rev1\r\n")
                            talk.write(tag + (b" OK done\r\n" if word != b"STARTTLS" else b" BAD unknown\r\n"))
                            talk.flush()
            except OSError:
                return

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1], heard


@pytest.mark.attack("A14")
def test_poller__a14_starttls_stripped__sends_no_password(box: Mailbox) -> None:
    with stripping_server() as (port, heard):
        box.imap_security, box.imap_port = "starttls", port
        with polling(box):
            until(lambda: Heartbeat.objects.filter(name="mailbox:imap", is_ok=False).exists())
        with imaplib.IMAP4("127.0.0.1", port) as client:
            client.login("positive", "control")
    said = b"".join(heard)
    assert b"pw" not in said.split(b"positive")[0]
    assert b"LOGIN positive" in said
    assert "no password was sent" in Heartbeat.objects.get(name="mailbox:imap").detail


@pytest.mark.attack("A14")
def test_connected__plain_text_port_with_tls_setting__never_gets_a_password(box: Mailbox) -> None:
    with stripping_server() as (port, heard):
        box.imap_port = port
        with pytest.raises((ssl.SSLError, OSError)), imap.connected(box):
            pytest.fail("a connection without TLS was accepted")
    assert b"LOGIN" not in b"".join(heard)
