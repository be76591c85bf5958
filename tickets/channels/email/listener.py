"""The SMTP and LMTP listener: takes mail for our mailboxes, answers 250 only when the keeper has committed it."""

import asyncio
import contextlib
import ipaddress
import logging
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, Protocol, TypeVar

import structlog
from aiosmtpd.smtp import SMTP, Envelope, Session, syntax
from django.db import Error, connection
from django.db.utils import InterfaceError, OperationalError

from core import disks
from tickets.models import Mailbox

log = structlog.get_logger(__name__)

TIMEOUT_S: Final = 120
MAX_CONNECTIONS: Final = 200
MAX_CONNECTIONS_PER_PEER: Final = 50
MAX_RECIPIENTS: Final = 50
# Commands per connection; a relay may keep one open for thousands of mails.
CALLS: Final = {"*": 100, "MAIL": 10_000, "RCPT": 50_000, "DATA": 10_000, "RSET": 20_000, "NOOP": 1_000}
KEEPER_THREADS: Final = 4
# What all connections together may hold in memory; the rest is told to come back (452).
IN_FLIGHT_BYTES: Final = 48 * 1024 * 1024
LARGE_BYTES: Final = 1024 * 1024
# A large mail is read on only when it has its turn: its sender is not refused but slowed down, for so long at most.
LARGE_PATIENCE_S: Final = 45.0
# Whoever takes longer over a large mail gives way when others wait.
LARGE_TURN_S: Final = 300.0
KEPT_FOR_SMALL_BYTES: Final = 8 * 1024 * 1024
_READ_LIMIT: Final = 128 * 1024
_DOT_LINE: Final = b"\r\n.\r\n"

BUSY = "452 4.3.1 Too much mail at once, try again in a minute"
FULL = "452 4.3.1 Storage is full, try again later"
AWAY = "451 4.3.0 The database is not available, try again later"
STOPPING = "421 4.3.2 This server is being restarted, try again in a moment"
UNKNOWN = "550 5.1.1 No such mailbox here"
TOO_LARGE = "552 5.3.4 The message is too large"

Source = Literal["smtp", "lmtp"]
T = TypeVar("T")
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Keeper(Protocol):
    """Stores one mail for one mailbox and returns once it is committed; services.raw_mail.store is one."""

    def __call__(
        self,
        *,
        mailbox: Mailbox,
        raw: bytes | bytearray,
        source: str,
        envelope_from: str,
        envelope_to: str,
        peer_is_trusted: bool,
    ) -> object:
        """Raise django.db.Error when it could not be kept."""


@dataclass
class Doorway:
    """What every connection of one listener shares."""

    find_mailbox: Callable[[str], Mailbox | None]
    keep: Keeper
    size_limit: int
    trusted_networks: Sequence[Network]
    in_flight_limit: int = IN_FLIGHT_BYTES
    in_flight: int = 0
    connections: Counter[str] = field(default_factory=Counter)
    # By how long they have brought nothing, the longest first; True while a mail is being kept.
    waiting: "dict[Connection, bool]" = field(default_factory=dict)
    # Large mails one after the other.
    one_large: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))
    waiting_large: int = 0
    pool: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(KEEPER_THREADS, thread_name_prefix="keeper")
    )
    is_closed: bool = False

    def vouches(self, peer: object) -> bool:
        """Whether a peer may vouch for senders: it is in a trusted network, or on our own unix socket."""
        host = str(peer[0]) if isinstance(peer, tuple) and peer else ""
        if not host:
            return True
        try:
            address = ipaddress.ip_address(host.partition("%")[0])
        except ValueError:
            return False
        address = getattr(address, "ipv4_mapped", None) or address
        return any(address in network for network in self.trusted_networks)

    def make_room(self, *, for_trusted: bool) -> bool:
        """Give up the connection that has brought nothing for the longest; False when all are at work.

        Strangers go first, and no stranger takes the place of a server in a trusted network.
        """
        silent = [one for one, is_keeping in self.waiting.items() if not is_keeping]
        strangers = (one for one in silent if not one.is_trusted)
        idle = next(strangers, silent[0] if silent and for_trusted else None)
        if idle is None:
            return False
        idle.turn_away()
        return True

    def close(self) -> None:
        """Let the keepers finish, close their database connections and end their threads."""
        if self.is_closed:
            return
        self.is_closed = True
        together = threading.Barrier(KEEPER_THREADS)
        for _ in range(KEEPER_THREADS):
            self.pool.submit(_close_connection, together)
        self.pool.shutdown(wait=True)


class Handler:
    """aiosmtpd's hooks: which senders and recipients are taken."""

    def __init__(self, doorway: Doorway) -> None:
        self.doorway = doorway

    async def handle_MAIL(  # noqa: N802 -- aiosmtpd finds the hook by this name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Refuse early what would not fit into memory now."""
        declared = next((int(option[5:]) for option in options if option[:5] == "SIZE=" and option[5:].isdigit()), 0)
        if self.doorway.in_flight + declared > self.doorway.in_flight_limit:
            return BUSY
        envelope.mail_from = address or ""
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802 -- as above
        self, server: "Connection", _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Accept addresses of ours only: nothing is ever relayed."""
        if len(envelope.rcpt_tos) >= MAX_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        try:
            mailbox = await server.in_thread(self.doorway.find_mailbox, address)
        except Error:
            return AWAY
        if mailbox is None:
            return UNKNOWN
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        server.mailboxes[address] = mailbox
        return "250 2.1.5 OK"

    async def handle_exception(self, error: Exception) -> str:
        """Answer for our own mistakes: a temporary failure, so that the sender keeps the mail."""
        if self.doorway.is_closed and isinstance(error, RuntimeError):
            return STOPPING  # nobody is left to keep it
        log.error("listener_failed", reason=type(error).__name__, exc_info=error)
        return "451 4.3.0 Internal failure, try again later"


class Connection(SMTP):
    """One SMTP connection with strict end of data, a memory budget and an answer per mailbox."""

    line_length_limit = _READ_LIMIT
    source: Source = "smtp"

    def __init__(self, doorway: Doorway, *, hostname: str, tls: ssl.SSLContext | None) -> None:
        super().__init__(
            Handler(doorway), data_size_limit=doorway.size_limit, enable_SMTPUTF8=True, hostname=hostname,
            ident="Pharos", tls_context=tls, timeout=TIMEOUT_S, auth_exclude_mechanism=["LOGIN", "PLAIN"],
            command_call_limit=CALLS, loop=asyncio.get_running_loop(),
        )  # fmt: skip
        self.doorway = doorway
        self.mailboxes: dict[str, Mailbox] = {}
        self.peer_host: str | None = None
        self.is_trusted = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count connections, and turn away one too many (STARTTLS comes through here a second time)."""
        peer = transport.get_extra_info("peername")
        is_new = self.peer_host is None
        super().connection_made(transport)
        if not is_new:
            return
        self.peer_host = str(peer[0]) if isinstance(peer, tuple) and peer else ""
        counts = self.doorway.connections
        counts[self.peer_host] += 1
        self.is_trusted = self.doorway.vouches(peer)
        is_crowding = counts[self.peer_host] > MAX_CONNECTIONS_PER_PEER and not self.is_trusted
        # Counted without those who are being turned away: half-open ones would otherwise shut everybody out.
        is_full = len(self.doorway.waiting) >= MAX_CONNECTIONS and not self.doorway.make_room(
            for_trusted=self.is_trusted
        )
        if is_full or is_crowding:
            self.turn_away()
        else:
            self.doorway.waiting[self] = False

    def turn_away(self) -> None:
        """Say that there are too many, and close."""
        self.doorway.waiting.pop(self, None)
        if self._handler_coroutine is not None:
            self._handler_coroutine.cancel()
        if isinstance(self.transport, asyncio.Transport):
            self.transport.write(b"421 4.7.0 Too many connections, try again later\r\n")
            self.transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        """Give the place free."""
        self.doorway.waiting.pop(self, None)
        if self.peer_host is not None:
            self.doorway.connections[self.peer_host] -= 1
            self.doorway.connections += Counter()
            self.peer_host = None
        super().connection_lost(error)

    @syntax("DATA")
    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802 -- aiosmtpd finds commands by name
        """Take the message. Only CRLF "." CRLF ends it: a bare CR or LF never does (SMTP smuggling)."""
        if await self.check_helo_needed() or await self.check_auth_needed("DATA"):
            return
        if self.envelope is None or not self.envelope.rcpt_tos:
            await self.push("503 5.5.1 Error: need RCPT command")
            return
        if arg:
            await self.push("501 5.5.4 Syntax: DATA")
            return
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        received = _Received(self.doorway)
        try:
            while not received.is_complete:
                await received.take_turn()
                received.add(await self._next_piece())
                self._queue_again(is_keeping=False)
                self._reset_timeout()
            self._queue_again(is_keeping=True)
            await self._answer(received, self.envelope)
        finally:
            self._queue_again(is_keeping=False)
            received.release()
            self._set_rset_state()
            self.mailboxes = {}

    def _queue_again(self, *, is_keeping: bool) -> None:
        """Go to the end of those who are given up when there are too many: something has come."""
        if self.doorway.waiting.pop(self, None) is not None:
            self.doorway.waiting[self] = is_keeping

    async def _next_piece(self) -> bytes:
        """Read up to a line that ends in a dot, or as much as the buffer holds."""
        try:
            return bytes(await self._reader.readuntil(b".\r\n"))
        except asyncio.LimitOverrunError as overrun:
            return bytes(await self._reader.read(overrun.consumed))

    async def _answer(self, received: "_Received", envelope: Envelope) -> None:
        """Store once for each mailbox and answer: SMTP with one line, LMTP with one for each recipient (RFC 2033)."""
        recipients = list(envelope.rcpt_tos)
        refusal = received.refusal
        by_mailbox: dict[int, str] = {}
        if refusal is None:
            raw = received.content()
            for address in _one_per_mailbox(recipients, self.mailboxes):
                mailbox = self.mailboxes[address]
                by_mailbox[mailbox.pk] = await self._keep(mailbox, raw, envelope.mail_from or "", address)
        answers = [refusal or by_mailbox[self.mailboxes[address].pk] for address in recipients]
        if self.source == "lmtp":
            for answer in answers:
                await self.push(answer)
            return
        # A repeat of what one mailbox has already stored is recognised there, so one failure may fail the whole.
        await self.push(next((answer for answer in answers if not answer.startswith("250")), answers[0]))

    async def _keep(self, mailbox: Mailbox, raw: bytearray, sender: str, recipient: str) -> str:
        peer = self.session.peer if self.session is not None else ("unknown",)
        try:
            await self.in_thread(
                lambda: self.doorway.keep(
                    mailbox=mailbox,
                    raw=raw,
                    source=self.source,
                    envelope_from=sender,
                    envelope_to=recipient,
                    peer_is_trusted=self.doorway.vouches(peer),
                )
            )
        except (OperationalError, InterfaceError) as error:
            log.warning("mail_not_kept", reason=type(error).__name__)
            if not disks.is_no_room(error):
                return AWAY
            await self.in_thread(disks.report_full, "database")
            return FULL
        except MemoryError:
            return BUSY
        return "250 2.0.0 Stored"

    async def in_thread(self, function: Callable[..., T], *args: object) -> T:
        """Run database work off the loop, on a connection that is thrown away when it has broken."""
        return await self.loop.run_in_executor(self.doorway.pool, _with_fresh_connection, function, *args)


class LmtpConnection(Connection):
    """The same for a local mail server that hands over by LMTP (RFC 2033)."""

    source: Source = "lmtp"

    @syntax("LHLO hostname")
    async def smtp_LHLO(self, arg: str) -> None:  # noqa: N802 -- as above
        """Greet as EHLO does."""
        await super().smtp_EHLO(arg)

    async def smtp_HELO(self, _arg: str) -> None:  # noqa: N802 -- as above
        """Not a command of LMTP."""
        await self.push("500 5.5.1 LMTP wants LHLO")

    async def smtp_EHLO(self, _arg: str) -> None:  # noqa: N802 -- as above
        """Not a command of LMTP."""
        await self.push("500 5.5.1 LMTP wants LHLO")


class _Received:
    """The bytes of one DATA command within the shared budget; what does not fit is read on and thrown away."""

    def __init__(self, doorway: Doorway) -> None:
        self.doorway = doorway
        self.data = bytearray()
        self.tail = b"\r\n"  # as if the DATA line's own end stood before the first line
        self.size = 0
        self.reserved = 0
        self.is_complete = False
        self.refusal: str | None = None
        self.turn_since: float | None = None

    async def take_turn(self) -> None:
        """Wait before a mail grows large until no other is: meanwhile nothing is read, and its sender waits too."""
        if self.refusal is not None or self.size <= LARGE_BYTES:
            return
        if self.turn_since is not None:
            if self.doorway.waiting_large and time.monotonic() - self.turn_since > LARGE_TURN_S:
                self._refuse(BUSY)
            return
        self.doorway.waiting_large += 1
        try:
            await asyncio.wait_for(self.doorway.one_large.acquire(), LARGE_PATIENCE_S)
            self.turn_since = time.monotonic()
        except TimeoutError:
            self._refuse(BUSY)
        finally:
            self.doorway.waiting_large -= 1

    def add(self, piece: bytes) -> None:
        self.size += len(piece)
        self.tail = (self.tail + piece)[-len(_DOT_LINE) :]
        self.is_complete = self.tail.endswith(_DOT_LINE)
        if self.refusal is not None:
            return
        if self.size > self.doorway.size_limit + len(_DOT_LINE):
            self._refuse(TOO_LARGE)
        elif self.doorway.in_flight + len(piece) > self._limit():
            self._refuse(BUSY)
        else:
            self.doorway.in_flight += len(piece)
            self.reserved += len(piece)
            self.data += piece

    def content(self) -> bytearray:
        """Return the message without the end mark, leading dots undone (RFC 5321 section 4.5.2)."""
        del self.data[-3:]
        if self.data.startswith(b"."):
            del self.data[0]
        raw, self.data = self.data, bytearray()
        # Most large mails have no such line: then nothing is copied.
        return raw.replace(b"\r\n.", b"\r\n") if b"\r\n." in raw else raw

    def release(self) -> None:
        self.data = bytearray()
        self.doorway.in_flight -= self.reserved
        self.reserved = 0
        if self.turn_since is not None:
            self.turn_since = None
            self.doorway.one_large.release()

    def _limit(self) -> int:
        """The shared budget; its last part is for small mails, so that large ones never shut them out."""
        is_large = self.size > LARGE_BYTES
        return self.doorway.in_flight_limit - (KEPT_FOR_SMALL_BYTES if is_large else 0)

    def _refuse(self, why: str) -> None:
        self.refusal = why
        self.release()


def _one_per_mailbox(recipients: Sequence[str], mailboxes: dict[str, Mailbox]) -> list[str]:
    """One recipient for each mailbox; one with a plus part, which may carry a token, before a plain one."""
    chosen: dict[int, str] = {}
    for address in sorted(recipients, key=lambda address: "+" not in address):
        chosen.setdefault(mailboxes[address].pk, address)
    return list(chosen.values())


def _with_fresh_connection(function: Callable[..., T], *args: object) -> T:
    connection.close_if_unusable_or_obsolete()
    try:
        return function(*args)
    except Error:
        connection.close()
        raise


def _close_connection(together: threading.Barrier) -> None:
    """Close this thread's connection; the barrier gives every thread exactly one of these to do."""
    connection.close()
    with contextlib.suppress(threading.BrokenBarrierError):
        together.wait(timeout=2)


async def serve_smtp(
    doorway: Doorway, *, host: str, port: int, hostname: str, tls: ssl.SSLContext | None = None
) -> asyncio.Server:
    """Start the SMTP listener; raises OSError when the port is taken."""
    _quiet_library()
    loop = asyncio.get_running_loop()
    return await loop.create_server(lambda: Connection(doorway, hostname=hostname, tls=tls), host, port, backlog=256)


async def serve_lmtp(doorway: Doorway, *, listen: str, hostname: str) -> asyncio.Server:
    """Start the LMTP listener on `listen`: `host:port`, or the path of a unix socket."""
    _quiet_library()
    loop = asyncio.get_running_loop()
    if listen.startswith("/"):
        Path(listen).unlink(missing_ok=True)  # noqa: ASYNC240 -- once, before anything is served
        return await loop.create_unix_server(lambda: LmtpConnection(doorway, hostname=hostname, tls=None), listen)
    host, _, port = listen.rpartition(":")
    return await loop.create_server(
        lambda: LmtpConnection(doorway, hostname=hostname, tls=None), host or "127.0.0.1", int(port), backlog=64
    )


def networks(words: Sequence[str]) -> tuple[Network, ...]:
    """Parse settings.TRUSTED_MX_NETWORKS; raises ValueError for what is no network."""
    return tuple(ipaddress.ip_network(word) for word in words)


def tls_context(certificate: str, key: str) -> ssl.SSLContext | None:
    """Return the context that STARTTLS offers, or None without a certificate."""
    if not certificate:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key or None)
    return context


def _quiet_library() -> None:
    """The library logs every line it reads: addresses do not belong in logs."""
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    logging.getLogger("mail.debug").setLevel(logging.WARNING)
