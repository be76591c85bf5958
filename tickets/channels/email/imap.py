"""Reading one IMAP mailbox: search, idle, search; a mail is flagged only after it has been committed."""

import imaplib
import random
import re
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Final

import structlog
from django.db import Error, connection
from imap_tools import BaseMailBox
from imap_tools.errors import ImapToolsError

from core import heartbeat
from tickets.channels.email import oauth
from tickets.channels.email.listener import LARGE_BYTES, Keeper
from tickets.channels.email.secure import ChannelDown, client_context
from tickets.models import Mailbox

log = structlog.get_logger(__name__)

TIMEOUT_S: Final = 30
# Servers without IDLE, and notifications that got lost, are looked at this often.
SEARCH_EVERY_S: Final = 60
_SLICE_S: Final = 1.0
_BEAT_EVERY_S: Final = 20.0
_SIZE: Final = re.compile(rb"UID (\d+)\b.*?RFC822\.SIZE (\d+)|RFC822\.SIZE (\d+)\b.*?UID (\d+)")
# Of all pollers of this process, one at a time holds a large mail.
_ONE_LARGE: Final = threading.BoundedSemaphore(1)
_CONNECTION_ERRORS: Final = (OSError, imaplib.IMAP4.error, ImapToolsError, EOFError)


@dataclass(frozen=True, slots=True)
class Doorstep:
    """Where the poller hands over: `keep` commits a mail, `refuse` records one that is left on the server.

    `moved` remembers a new UIDVALIDITY.
    """

    keep: Keeper
    refuse: Callable[[Mailbox, bytes, int], None]
    moved: Callable[[Mailbox, int], None]
    size_limit: int


class Poller(threading.Thread):
    """One mailbox, one thread. Reconnects for ever, with growing pauses, until told to stop."""

    def __init__(self, mailbox: Mailbox, doorstep: Doorstep) -> None:
        super().__init__(name=f"imap-{mailbox.slug}", daemon=True)
        self.mailbox = mailbox
        self.doorstep = doorstep
        self.stopping = threading.Event()
        self.left_on_server: set[str] = set()
        self._beaten_at = 0.0
        self._failures = 0

    def stop(self) -> None:
        """Ask the thread to end; it does within about a second."""
        self.stopping.set()

    def run(self) -> None:
        """Connect, read, idle; on any failure say so, wait and begin again."""
        while not self.stopping.is_set():
            try:
                with connected(self.mailbox) as box:
                    self._read(box)
            except ChannelDown as down:
                self._failed(str(down))
            except ssl.SSLError as error:
                self._failed(f"The server's certificate or TLS was refused: {error.reason or type(error).__name__}.")
            except _CONNECTION_ERRORS as error:
                self._failed(f"The IMAP server does not answer as it should ({type(error).__name__}).")
            except Error as error:
                connection.close()
                self._failed(f"The database is not available ({type(error).__name__}).")
            except Exception as error:
                log.exception("imap_poller_failed", mailbox=self.mailbox.slug)
                self._failed(f"Reading the mailbox failed ({type(error).__name__}).")
            if not self.stopping.is_set():
                self.stopping.wait(_pause_s(self._failures))
        connection.close()

    def _read(self, box: BaseMailBox) -> None:
        self._select(box)
        can_idle = "IDLE" in box.client.capabilities
        while not self.stopping.is_set():
            # Until a search finds nothing new: IDLE says nothing of mail that came just before it.
            while self._take_all(box) and not self.stopping.is_set():
                self._beat()
            self._beat()
            if can_idle:
                self._idle(box)
            else:
                self.stopping.wait(SEARCH_EVERY_S / 6)
                box.client.noop()

    def _select(self, box: BaseMailBox) -> None:
        """Open the folder and notice a new UIDVALIDITY; UIDs are only used within one connection anyway."""
        box.folder.set(self.mailbox.imap_folder)
        answer = box.client.response("UIDVALIDITY")[1]
        validity = int(answer[0]) if answer and answer[0] else 0
        self.left_on_server.clear()
        if validity and validity != self.mailbox.imap_uid_validity:
            if self.mailbox.imap_uid_validity is not None:
                log.warning("imap_uidvalidity_changed", mailbox=self.mailbox.slug)
            self.doorstep.moved(self.mailbox, validity)
            self.mailbox.imap_uid_validity = validity

    def _take_all(self, box: BaseMailBox) -> int:
        """Take every mail that is not flagged seen, oldest first, one at a time; return how many were kept."""
        uids = [uid for uid in box.uids("UNSEEN") if uid not in self.left_on_server]
        kept = 0
        for uid, size in _sizes(box, uids):
            if self.stopping.is_set():
                break
            if size > self.doorstep.size_limit:
                self._refuse(box, uid, size)
                continue
            with _ONE_LARGE if size > LARGE_BYTES else nullcontext():
                raw = _fetch(box, uid, "BODY.PEEK[]")
                if raw is None:
                    continue  # gone since the search
                self.doorstep.keep(
                    mailbox=self.mailbox, raw=raw, source="imap", envelope_from="", envelope_to=self.mailbox.address,
                    peer_is_trusted=True,
                )  # fmt: skip
                del raw
            # Committed above. When this is lost, the next search finds the mail again and the identity knows it.
            box.flag(uid, ["\\Seen"], True)
            kept += 1
            self._beat()
        return kept

    def _refuse(self, box: BaseMailBox, uid: str, size: int) -> None:
        header = _fetch(box, uid, "BODY.PEEK[HEADER]<0.65536>")
        if header is not None:
            self.doorstep.refuse(self.mailbox, header, size)
        self.left_on_server.add(uid)

    def _idle(self, box: BaseMailBox) -> None:
        """Wait for news in slices, so that a stop is noticed; end after a minute to search again in any case."""
        box.idle.start()
        try:
            if _has_buffered_line(box):
                return
            ends = time.monotonic() + SEARCH_EVERY_S
            while not self.stopping.is_set() and time.monotonic() < ends:
                if any(b"EXISTS" in line or b"RECENT" in line for line in box.idle.poll(timeout=_SLICE_S)):
                    break
                self._beat()
        finally:
            box.idle.stop()

    def _beat(self) -> None:
        self._failures = 0
        if time.monotonic() - self._beaten_at < _BEAT_EVERY_S:
            return
        self._beaten_at = time.monotonic()
        left = len(self.left_on_server)
        detail = f"{left} mail too large, left on the server" if left else "connected"
        heartbeat.beat(f"mailbox:{self.mailbox.slug}", detail=detail)

    def _failed(self, sentence: str) -> None:
        self._failures += 1
        self._beaten_at = 0.0
        log.warning("mailbox_down", mailbox=self.mailbox.slug, reason=sentence)
        try:
            heartbeat.beat(f"mailbox:{self.mailbox.slug}", detail=sentence, is_ok=False)
        except Error:
            connection.close()


@contextmanager
def connected(mailbox: Mailbox) -> Iterator[BaseMailBox]:
    """Yield a signed-in connection, always over verified TLS.

    Raises ChannelDown, ssl.SSLError or an IMAP error, and never sends LOGIN before TLS stands.
    """
    box = _Opened(_client(mailbox))
    try:
        _sign_in(box, mailbox)
        yield box
    finally:
        _close(box)


class _Opened(BaseMailBox):
    """imap-tools over a client whose TLS we have started ourselves."""

    def __init__(self, client: imaplib.IMAP4) -> None:
        self.opened = client
        super().__init__()

    def _get_mailbox_client(self) -> imaplib.IMAP4:
        return self.opened


def _client(mailbox: Mailbox) -> imaplib.IMAP4:
    """Return a connected client with verified TLS, not signed in yet."""
    host, port, context = mailbox.imap_host, mailbox.imap_port, client_context(mailbox)
    if mailbox.imap_security == Mailbox.Security.TLS:
        return imaplib.IMAP4_SSL(host, port, ssl_context=context, timeout=TIMEOUT_S)
    client = imaplib.IMAP4(host, port, timeout=TIMEOUT_S)
    try:
        client.starttls(ssl_context=context)
        if isinstance(client.sock, ssl.SSLSocket):
            return client
    except imaplib.IMAP4.error as error:
        client.shutdown()
        message = "The IMAP server refuses STARTTLS: no password was sent."
        raise ChannelDown(message) from error
    except BaseException:
        client.shutdown()
        raise
    client.shutdown()
    message = "The connection is not encrypted: no password was sent."
    raise ChannelDown(message)


def _sign_in(box: BaseMailBox, mailbox: Mailbox) -> None:
    try:
        if mailbox.imap_auth == Mailbox.Auth.OAUTH2:
            token = oauth.access_token(mailbox, mailbox.imap_secret or "")
            box.xoauth2(mailbox.imap_user, token, initial_folder=None)
        else:
            box.login(mailbox.imap_user, mailbox.imap_secret or "", initial_folder=None)
    except (imaplib.IMAP4.error, ImapToolsError) as error:
        if isinstance(error, imaplib.IMAP4.abort):
            raise
        oauth.forget(mailbox)
        message = "The IMAP server refuses user or password."
        raise ChannelDown(message) from error


def _close(box: BaseMailBox) -> None:
    """Log out if the server still listens, and close the socket whatever it says."""
    try:
        box.client.sock.settimeout(2)
        box.logout()
    except _CONNECTION_ERRORS:
        pass
    finally:
        try:
            box.client.shutdown()
        except OSError:
            log.debug("imap_socket_was_closed")


def _has_buffered_line(box: BaseMailBox) -> bool:
    """Whether the server's news came in one piece with its answer to IDLE: a poll of the socket would not see them."""
    sock = box.client.sock
    former = sock.gettimeout()
    sock.settimeout(0)
    try:
        return bool(box.client._get_line())  # noqa: SLF001 -- as imap-tools' own poll does
    except OSError:
        return False
    finally:
        sock.settimeout(former)


def _sizes(box: BaseMailBox, uids: list[str]) -> Iterator[tuple[str, int]]:
    """Yield (uid, bytes) of those that are still there, without fetching any content."""
    for start in range(0, len(uids), 200):
        _, answer = box.client.uid("FETCH", ",".join(uids[start : start + 200]), "(UID RFC822.SIZE)")
        for line in answer:
            found = _SIZE.search(line) if isinstance(line, bytes) else None
            if found:
                yield (found[1] or found[4]).decode(), int(found[2] or found[3])


def _fetch(box: BaseMailBox, uid: str, part: str) -> bytes | None:
    """Return the bytes of one part, or None when the mail is gone."""
    status, answer = box.client.uid("FETCH", uid, f"({part})")
    if status != "OK":
        message = f"FETCH answered {status}"
        raise imaplib.IMAP4.error(message)
    return next((bytes(item[1]) for item in answer if isinstance(item, tuple) and len(item) == 2), None)


def _pause_s(failures: int) -> float:
    """Seconds until the next try: 1 s doubling to 2 min, with jitter so that many mailboxes do not come at once."""
    return min(120.0, 2.0 ** min(failures - 1, 7)) + random.uniform(0.0, 3.0) if failures else 0.5  # noqa: S311 -- spreads load
