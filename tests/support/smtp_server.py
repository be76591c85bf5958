"""A mail server that behaves well or badly on purpose, on a free loopback port with a certificate of its own CA."""

import asyncio
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import trustme
from aiosmtpd.smtp import SMTP, Envelope, Session

MODES = (
    "well", "defer", "refuse", "defer_data", "refuse_data", "drop_after_data", "no_starttls", "refuse_one", "slow",
    # The end of the data comes and is never answered; the mail is thrown away; the answer comes and nothing after it.
    "hang_after_data", "drop_untaken", "drop_after_250",
)  # fmt: skip
TAKING = frozenset(
    {"well", "no_starttls", "slow", "drop_after_data", "drop_after_250", "hang_after_data", "refuse_one"}
)
# How long the slow server thinks about each mail.
SLOW_S = 0.3


@dataclass
class Taken:
    """One mail that arrived, and whether the client was told so."""

    sender: str
    recipients: list[str]
    raw: bytes


@dataclass
class MailServer:
    """A running server; `taken` is what it holds, `commands` what was said before TLS."""

    port: int
    ca_certificate: str
    mode: str = "well"
    taken: list[Taken] = field(default_factory=list)
    sign_ins: list[str] = field(default_factory=list)
    # What happens to the tries for one recipient, in this order; then `mode` again.
    plans: dict[str, list[str]] = field(default_factory=dict)
    # Seconds of time.monotonic() at which each recipient was tried.
    tries: dict[str, list[float]] = field(default_factory=dict)

    def next_mode(self, address: str) -> str:
        """Note one try for a recipient and return how to behave."""
        self.tries.setdefault(address, []).append(time.monotonic())
        plan = self.plans.get(address)
        return plan.pop(0) if plan else self.mode


class _Hooks:
    def __init__(self, server: MailServer) -> None:
        self.server = server
        self.mode = ""

    async def handle_RCPT(  # noqa: N802 -- aiosmtpd's name
        self, _smtp: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        mode = self.mode = self.server.next_mode(address)
        if mode == "defer":
            return "450 4.2.0 Greylisted, come back later"
        if mode == "refuse" or (mode == "refuse_one" and address.startswith("gone")):
            return f"550 5.1.1 <{address}> No such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, smtp: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 -- as above
        mode = self.mode
        if mode == "defer_data":
            return "451 4.3.0 Try again"
        if mode == "refuse_data":
            return "554 5.7.1 Content refused"
        if mode == "slow":
            await asyncio.sleep(SLOW_S)
        if mode in TAKING:
            self.server.taken.append(
                Taken(envelope.mail_from or "", list(envelope.rcpt_tos), bytes(envelope.original_content or b""))
            )
        await _misbehave(smtp, mode)
        return "250 2.0.0 Taken"


async def _misbehave(smtp: SMTP, mode: str) -> None:
    if mode in ("drop_after_data", "drop_untaken"):
        smtp._writer.transport.abort()
    elif mode == "drop_after_250":
        smtp._writer.write(b"250 2.0.0 Taken\r\n")
        smtp._writer.close()
    elif mode == "hang_after_data":
        await asyncio.Event().wait()  # until the client goes away


@contextmanager
def mail_server(mode: str = "well", *, trusted: bool = True) -> Iterator[MailServer]:
    """Run one until the block ends. `trusted` False: the certificate is of another CA than the one handed out."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    (authority if trusted else trustme.CA()).issue_cert("127.0.0.1", "localhost").configure_cert(context)
    server = MailServer(0, authority.cert_pem.bytes().decode(), mode)
    loop = asyncio.new_event_loop()
    tls = None if mode == "no_starttls" else context
    made: list[SMTP] = []

    def protocol() -> SMTP:
        one = SMTP(_Hooks(server), tls_context=tls, require_starttls=tls is not None, hostname="localhost", loop=loop)
        made.append(one)
        return one

    def shut() -> None:
        listening.close()
        # Whoever was killed in the middle of a mail has left a connection, which nobody else would close; a polite end
        # of TLS would take turns of the loop that do not come any more.
        for one in made:
            for transport in (one.transport, one._original_transport):
                if isinstance(transport, asyncio.WriteTransport):
                    transport.abort()
        loop.stop()

    listening = loop.run_until_complete(loop.create_server(protocol, "127.0.0.1", 0))
    server.port = listening.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(shut)
        thread.join(5)
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()
