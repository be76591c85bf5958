"""The SMTP and LMTP door: 250 means committed, everything else means that the sender keeps the mail."""

import asyncio
import smtplib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import trustme
from django.db.utils import OperationalError
from structlog.testing import capture_logs

from tests.factories.tickets import MailboxFactory
from tests.support import session
from tests.support.letters import letter
from tickets.channels.email import listener
from tickets.channels.email.parse import parse
from tickets.models import InboundMail, Mailbox
from tickets.selectors import mailboxes
from tickets.services import arrivals, raw_mail
from tickets.services.arrivals import Company

LOOPBACK = ("127.0.0.0/8",)
SMUGGLED = (
    b"Subject: outer\r\n\r\nhello{end}MAIL FROM:<evil@evil.example>\r\nRCPT TO:<support@pharos.test>\r\n"
    b"DATA\r\nSubject: smuggled\r\n\r\nhello"
)


@contextmanager
def listening(
    *,
    keep: listener.Keeper = raw_mail.store,
    find: Callable[[str], Mailbox | None] = mailboxes.for_address,
    size_limit: int = 1024 * 1024,
    in_flight_limit: int = listener.IN_FLIGHT_BYTES,
    trusted: tuple[str, ...] = LOOPBACK,
    lmtp: str = "",
    tls: ssl.SSLContext | None = None,
    opened: list[listener.Doorway] | None = None,
) -> Iterator[int]:
    """Run a listener on a free port and yield the port."""
    doorway = listener.Doorway(
        find_mailbox=find, keep=keep, size_limit=size_limit, trusted_networks=listener.networks(trusted),
        in_flight_limit=in_flight_limit,
    )  # fmt: skip
    if opened is not None:
        opened.append(doorway)
    loop = asyncio.new_event_loop()
    if lmtp:
        starting = listener.serve_lmtp(doorway, listen=lmtp, hostname="mx.pharos.test")
    else:
        starting = listener.serve_smtp(doorway, host="127.0.0.1", port=0, hostname="mx.pharos.test", tls=tls)
    server = loop.run_until_complete(starting)
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    name = server.sockets[0].getsockname()
    try:
        yield name[1] if isinstance(name, tuple) else 0
        assert doorway.in_flight == 0
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()
        doorway.close()


@pytest.fixture
def boxes(clone_db: str) -> Mailbox:
    MailboxFactory.create(slug="billing", address="billing@pharos.test")
    box: Mailbox = MailboxFactory.create(
        slug="support", address="support@pharos.test", trusted_authserv_id="mx.pharos.test"
    )
    return box


def refuse_all(**_mail: object) -> object:
    message = "the database is away"
    raise OperationalError(message)


def test_smtp__mail_for_a_mailbox__is_committed_when_250_is_said(boxes: Mailbox) -> None:
    raw = letter()
    with listening() as port, smtplib.SMTP("127.0.0.1", port) as client:
        client.sendmail("mina@example.com", ["Support+abc@pharos.test"], raw)
        row = InboundMail.objects.get()
    assert (row.mailbox_id, row.source, row.state) == (boxes.pk, "smtp", "stored")
    assert row.is_from_trusted_mx
    assert (row.envelope_from, row.envelope_to) == ("mina@example.com", "Support+abc@pharos.test")
    assert row.size == len(raw)


def test_smtp__mail_while_the_process_stops__is_left_with_its_sender_and_is_no_failure(boxes: Mailbox) -> None:
    opened: list[listener.Doorway] = []
    with capture_logs() as logged, listening(opened=opened) as port, smtplib.SMTP("127.0.0.1", port) as client:
        client.ehlo()
        client.mail("mina@example.com")
        client.rcpt("support@pharos.test")
        opened[0].close()
        code, _said = client.data(letter())
    assert code == 421
    assert logged == []
    assert not InboundMail.objects.exists()


def test_smtp__bounce_from_a_trusted_server__is_known_to_have_no_sender(boxes: Mailbox) -> None:
    with listening() as port, smtplib.SMTP("127.0.0.1", port) as client:
        client.sendmail("", ["support@pharos.test"], letter())
        client.sendmail("mina@example.com", ["support@pharos.test"], letter())
    bounced, written = (
        arrivals.of(
            row=row, mail=parse(letter()), own_addresses=mailboxes.own_addresses(), company=Company()
        ).has_null_sender
        for row in InboundMail.objects.order_by("pk")
    )
    assert (bounced, written) == (True, False)


def test_smtp__more_connections_than_there_is_room_for__who_brought_nothing_leaves(
    boxes: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listener, "MAX_CONNECTIONS", 5)
    with listening() as port, smtplib.SMTP("127.0.0.1", port) as regular:
        regular.sendmail("mina@example.com", ["support@pharos.test"], letter())
        silent = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(4)]
        greeted = [one.recv(100) for one in silent]
        regular.sendmail("mina@example.com", ["support@pharos.test"], letter())
        with smtplib.SMTP("127.0.0.1", port) as newcomer:
            newcomer.sendmail("mina@example.com", ["support@pharos.test"], letter())
        assert silent[0].recv(100).startswith(b"421")
        regular.sendmail("mina@example.com", ["support@pharos.test"], letter())
        for one in silent:
            one.close()
    assert all(line.startswith(b"220") for line in greeted)
    assert InboundMail.objects.count() == 4


def test_smtp__full_of_strangers__trusted_server_keeps_its_place(
    boxes: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listener, "MAX_CONNECTIONS", 2)
    with listening(trusted=("127.0.0.2/32",)) as port, ExitStack() as held:
        relay = held.enter_context(smtplib.SMTP("127.0.0.1", port, source_address=("127.0.0.2", 0)))
        greeted = []
        for _ in range(3):
            stranger = held.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
            greeted.append(stranger.recv(100)[:3])
        relay.sendmail("mina@example.com", ["support@pharos.test"], letter())
        second = held.enter_context(smtplib.SMTP("127.0.0.1", port, source_address=("127.0.0.2", 0)))
        monkeypatch.setattr(listener, "MAX_CONNECTIONS", 1)
        late = held.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
        greeted.append(late.recv(100)[:3])
        second.noop()
    assert greeted == [b"220", b"220", b"220", b"421"]
    assert InboundMail.objects.count() == 1


def test_smtp__no_room__upload_in_progress_is_not_taken_for_silent(
    boxes: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listener, "MAX_CONNECTIONS", 3)
    with listening() as port, ExitStack() as held:
        uploading = held.enter_context(smtplib.SMTP("127.0.0.1", port))
        uploading.ehlo()
        uploading.mail("mina@example.com")
        uploading.rcpt("support@pharos.test")
        uploading.docmd("DATA")
        silent = held.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
        silent.recv(100)
        other = held.enter_context(smtplib.SMTP("127.0.0.1", port))
        uploading.send(b"From: mina@example.com\r\nSubject: Slowly.\r\n")
        for _ in range(3):  # answered behind what has come before
            other.noop()
        held.enter_context(smtplib.SMTP("127.0.0.1", port))
        uploading.send(b"\r\nStill here.\r\n.\r\n")
        assert uploading.getreply()[0] == 250
        assert silent.recv(100).startswith(b"421")
    assert InboundMail.objects.count() == 1


def test_smtp__peer_outside_the_trusted_networks__does_not_vouch(boxes: Mailbox) -> None:
    with listening(trusted=("192.0.2.0/24",)) as port, smtplib.SMTP("127.0.0.1", port) as client:
        client.sendmail("mina@example.com", ["support@pharos.test"], letter())
    assert not InboundMail.objects.get().is_from_trusted_mx


def test_smtp__unknown_or_foreign_address__is_550(boxes: Mailbox) -> None:
    with listening() as port, smtplib.SMTP("127.0.0.1", port) as client:
        for address in ("nobody@pharos.test", "someone@gmail.example"):
            with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
                client.sendmail("a@b.example", [address], letter())
            assert refused.value.recipients[address][0] == 550
    assert not InboundMail.objects.exists()


def test_smtp__two_mailboxes__one_row_each_the_plus_address_first(boxes: Mailbox) -> None:
    recipients = ["support@pharos.test", "support+token@pharos.test", "billing@pharos.test"]
    with listening() as port, smtplib.SMTP("127.0.0.1", port) as client:
        client.sendmail("a@b.example", recipients, letter())
    found = set(InboundMail.objects.values_list("mailbox__slug", "envelope_to"))
    assert found == {("support", "support+token@pharos.test"), ("billing", "billing@pharos.test")}


def test_smtp__same_mail_again__is_250_and_one_row(boxes: Mailbox) -> None:
    raw = letter()
    with listening() as port, smtplib.SMTP("127.0.0.1", port) as client:
        client.sendmail("a@b.example", ["support@pharos.test"], raw)
        client.sendmail("a@b.example", ["support@pharos.test"], raw)
    assert InboundMail.objects.count() == 1


def test_smtp__database_away__is_451_and_the_sender_keeps_the_mail(boxes: Mailbox) -> None:
    with listening(keep=refuse_all) as port, smtplib.SMTP("127.0.0.1", port) as client:
        with pytest.raises(smtplib.SMTPDataError) as refused:
            client.sendmail("a@b.example", ["support@pharos.test"], letter())
        assert refused.value.smtp_code == 451
    with listening(find=lambda _address: refuse_all()) as port, smtplib.SMTP("127.0.0.1", port) as client:  # type: ignore[arg-type,return-value]
        with pytest.raises(smtplib.SMTPRecipientsRefused) as away:
            client.sendmail("a@b.example", ["support@pharos.test"], letter())
        assert away.value.recipients["support@pharos.test"][0] == 451


def test_smtp__too_large__is_552_declared_or_not(boxes: Mailbox) -> None:
    raw = letter(text="x" * 70 + "\n" + ("y" * 70 + "\n") * 2_000)
    with listening(size_limit=100_000) as port:
        with smtplib.SMTP("127.0.0.1", port) as client, pytest.raises(smtplib.SMTPResponseException) as declared:
            client.sendmail("a@b.example", ["support@pharos.test"], raw)
        with smtplib.SMTP("127.0.0.1", port) as client:
            client.helo()
            client.mail("a@b.example")
            client.rcpt("support@pharos.test")
            code, _answer = client.data(raw)
    assert (declared.value.smtp_code, code) == (552, 552)
    assert not InboundMail.objects.exists()


def test_smtp__memory_budget_used_up__is_452(boxes: Mailbox) -> None:
    with listening(in_flight_limit=1_000) as port, smtplib.SMTP("127.0.0.1", port) as client:
        client.helo()
        client.mail("a@b.example")
        client.rcpt("support@pharos.test")
        code, _answer = client.data(letter(text="z" * 5_000))
        assert code == 452
        client.sendmail("a@b.example", ["support@pharos.test"], letter(text="small"))
    assert InboundMail.objects.count() == 1


@pytest.mark.attack("A10")
@pytest.mark.parametrize("end", [b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r\n.\r", b"\r.\r\n", b"\r\n\x00.\r\n"])
def test_smtp__a10_smuggling_end_of_data__is_one_mail(boxes: Mailbox, end: bytes) -> None:
    with listening() as port, socket.create_connection(("127.0.0.1", port), timeout=10) as raw:
        talk = raw.makefile("rwb")
        talk.readline()
        for line in (b"HELO x", b"MAIL FROM:<a@b.example>", b"RCPT TO:<support@pharos.test>", b"DATA"):
            talk.write(line + b"\r\n")
            talk.flush()
            talk.readline()
        talk.write(SMUGGLED.replace(b"{end}", end) + b"\r\n.\r\nQUIT\r\n")
        talk.flush()
        assert talk.readline().startswith(b"250")
        assert talk.readline().startswith(b"221")
    assert InboundMail.objects.count() == 1


def test_smtp__dots_and_long_lines__arrive_as_sent(boxes: Mailbox) -> None:
    kept: list[bytes] = []

    def keep(**mail: object) -> object:
        kept.append(bytes(mail["raw"]))  # type: ignore[call-overload]
        return None

    raw = b".first\r\n..second\r\n.\r\nend of a sentence.\r\n" + b"x" * 300_000 + b"\r\n"
    for body in (raw, b".\r\n", b"\r\n", b"a.\r\n.\r\n"):
        with listening(keep=keep) as port, smtplib.SMTP("127.0.0.1", port) as client:
            client.sendmail("a@b.example", ["support@pharos.test"], body)
        assert kept.pop() == body


def test_smtp__client_leaves_during_data__keeps_nothing(boxes: Mailbox) -> None:
    with listening() as port:
        with socket.create_connection(("127.0.0.1", port), timeout=10) as raw:
            raw.sendall(b"HELO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<support@pharos.test>\r\nDATA\r\n")
            raw.recv(1000)
            raw.sendall(b"Subject: half\r\n\r\nhel")
        with smtplib.SMTP("127.0.0.1", port) as client:
            client.sendmail("a@b.example", ["support@pharos.test"], letter())
    assert InboundMail.objects.count() == 1


def test_smtp__with_a_certificate__offers_starttls(boxes: Mailbox, tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "both.pem"))
    client_context = ssl.create_default_context()
    authority.configure_trust(client_context)
    tls = listener.tls_context(str(tmp_path / "both.pem"), "")
    with listening(tls=tls) as port, smtplib.SMTP("127.0.0.1", port) as client:
        client.starttls(context=client_context)
        client.sendmail("a@b.example", ["support@pharos.test"], letter())
    assert InboundMail.objects.count() == 1


def test_lmtp__two_recipients__two_answers(boxes: Mailbox) -> None:
    # A socket's path has room for about a hundred signs.
    path = str(session.current().own.sockets / "lmtp.sock")
    with listening(lmtp=path, trusted=()), smtplib.LMTP(path) as client:
        client.sendmail("a@b.example", ["support@pharos.test", "billing@pharos.test"], letter())
        code, _answer = client.getreply()  # smtplib reads only the first
    assert code == 250
    assert InboundMail.objects.filter(source="lmtp", is_from_trusted_mx=True).count() == 2
