"""The mail process: listener, one poller per IMAP mailbox, heartbeat, and a sweeper for when the bell is lost."""

import asyncio
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import Error, connection

from core import doorbell, heartbeat, request_id
from helpdesk import health
from tickets.channels.email import content, imap, language, listener
from tickets.delivery import sending, social
from tickets.models import Mailbox
from tickets.selectors import mailboxes, overdue, troubles
from tickets.services import (
    alarms,
    deliveries,
    intake,
    mailbox_state,
    quarantine,
    raw_mail,
    social_deliveries,
    social_intake,
    social_polling,
    sweeps,
)

log = structlog.get_logger(__name__)

BEAT_EVERY_S = 10.0
REREAD_EVERY_S = 30.0
# Rows this late have been forgotten by the workers: the broker is away, or all workers are busy or dead.
LATE_S = 20.0
FALLBACK_EVERY_S = 5.0
# How long the accounts that are polled rest between two questions.
POLL_EVERY_S = 2.0
FALLBACK_BATCH = 20
STOP_WAIT_S = 3.0
WORKERS_BEAT = "core.heartbeat_beat"


class Repeating(threading.Thread):
    """Calls a function every so often until told to stop; a failure is logged and the next call comes anyway."""

    def __init__(self, name: str, every_s: float, function: Callable[[], object]) -> None:
        super().__init__(name=name, daemon=True)
        self.every_s = every_s
        self.function = function
        self.stopping = threading.Event()

    def run(self) -> None:
        """Call, wait, call again."""
        while not self.stopping.is_set():
            request_id.begin()
            try:
                connection.close_if_unusable_or_obsolete()
                self.function()
            except Error as error:
                connection.close()
                log.warning("mail_process_without_database", part=self.name, reason=type(error).__name__)
            except Exception:
                log.exception("mail_process_part_failed", part=self.name)
            self.stopping.wait(self.every_s)
        connection.close()


class Pollers:
    """The running IMAP pollers, one for each mailbox that wants one, restarted when its settings change."""

    def __init__(self) -> None:
        self.running: dict[int, tuple[tuple[Any, ...], imap.Poller]] = {}

    def reread(self) -> None:
        """Start, restart and stop pollers so that they match the mailboxes."""
        polled = mailboxes.polled()
        wanted = {mailbox.pk: mailbox for mailbox in polled if _has_opened(mailbox)}
        for pk, (fingerprint, poller) in list(self.running.items()):
            if pk not in wanted or _fingerprint(wanted[pk]) != fingerprint or not poller.is_alive():
                poller.stop()
                del self.running[pk]
        for pk, mailbox in wanted.items():
            if pk not in self.running:
                poller = imap.Poller(mailbox, _doorstep())
                self.running[pk] = (_fingerprint(mailbox), poller)
                poller.start()
        # Nobody waits for a mailbox that is not polled any more.
        heartbeat.forget_others(troubles.MAILBOX, [f"{troubles.MAILBOX}{mailbox.slug}" for mailbox in polled])

    def stop(self) -> None:
        """Ask all to stop and wait a little."""
        for _, poller in self.running.values():
            poller.stop()
        ends = time.monotonic() + STOP_WAIT_S
        for _, poller in self.running.values():
            poller.join(max(0.0, ends - time.monotonic()))


def watch() -> None:
    """Look after the others, and ring for the worker's heartbeat, so that a silent scheduler does not silence it."""
    doorbell.ring_now(WORKERS_BEAT, expires_s=2 * BEAT_EVERY_S)
    alarms.look(judged=troubles.BY_ANYBODY, redis=health.redis_complaint())


def _has_opened(mailbox: Mailbox) -> bool:
    """Read the secrets of `mailbox`; one whose secret no key opens is reported and does not stop the others."""
    try:
        mailbox.refresh_from_db(fields=mailboxes.SECRETS)
    except ImproperlyConfigured:
        log.error("mailbox_secret_unreadable", mailbox=mailbox.slug)  # noqa: TRY400 -- a trace says nothing more
        detail = "Its stored password does not open with the present keys."
        heartbeat.beat(f"mailbox:{mailbox.slug}", detail=detail, is_ok=False)
        return False
    return True


def run() -> None:
    """Serve until SIGTERM or SIGINT; raises OSError when a port is taken."""
    asyncio.run(_serve())


async def _serve() -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    doorway = _doorway()
    servers = await _listen(doorway)
    pollers = Pollers()
    parts = [
        Repeating("mailboxes", REREAD_EVERY_S, pollers.reread),
        Repeating("heartbeat", BEAT_EVERY_S, lambda: heartbeat.beat("mail", detail=f"{len(pollers.running)} pollers")),
        Repeating("fallback", FALLBACK_EVERY_S, lambda: handle_forgotten(parts[2].stopping)),
        Repeating("watch", BEAT_EVERY_S, watch),
        Repeating("social", POLL_EVERY_S, social_polling.poll_all),
    ]
    for part in parts:
        part.start()
    await stop.wait()
    for part in parts:
        part.stopping.set()
    for server in servers:
        server.close()
    await loop.run_in_executor(None, pollers.stop)
    await loop.run_in_executor(None, doorway.close)


async def _listen(doorway: listener.Doorway) -> list[asyncio.Server]:
    tls = listener.tls_context(settings.SMTP_TLS_CERTIFICATE, settings.SMTP_TLS_KEY)
    servers = [
        await listener.serve_smtp(
            doorway, host=settings.SMTP_LISTEN_HOST, port=settings.SMTP_PORT, hostname=settings.MAIL_DOMAIN, tls=tls
        )
    ]
    if settings.LMTP_LISTEN:
        servers.append(await listener.serve_lmtp(doorway, listen=settings.LMTP_LISTEN, hostname=settings.MAIL_DOMAIN))
    return servers


def _doorway() -> listener.Doorway:
    return listener.Doorway(
        find_mailbox=mailboxes.for_address,
        keep=raw_mail.store,
        size_limit=settings.MAX_MAIL_BYTES,
        trusted_networks=listener.networks(settings.TRUSTED_MX_NETWORKS),
    )


def _doorstep() -> imap.Doorstep:
    return imap.Doorstep(
        keep=raw_mail.store,
        refuse=_refuse,
        moved=lambda mailbox, validity: mailbox_state.remember_uid_validity(mailbox=mailbox, validity=validity),
        size_limit=settings.MAX_MAIL_BYTES,
    )


def _refuse(mailbox: Mailbox, header: bytes, size: int) -> None:
    quarantine.put_refused(
        inbound_header=header,
        mailbox_pk=mailbox.pk,
        preview=content.raw_header_preview(header),
        explanation=f"The mail has {size // 1024 // 1024} MB and was left on its server unread.",
    )


def handle_forgotten(stopping: threading.Event) -> int:
    """Handle rows here that nobody has come for in 20 s; returns how many. One that fails does not stop the others."""
    work: list[tuple[Callable[[int], object], list[int]]] = [
        (lambda pk: intake.accept(inbound_pk=pk), overdue.inbound(late_s=LATE_S, limit=FALLBACK_BATCH)),
        (sending.deliver_email, overdue.outbound(late_s=LATE_S, limit=FALLBACK_BATCH)),
        (sending.deliver_notice, overdue.notices(late_s=LATE_S, limit=FALLBACK_BATCH)),
        (lambda pk: social_intake.accept(event_pk=pk), overdue.social_events(late_s=LATE_S, limit=FALLBACK_BATCH)),
        (social.deliver_post, overdue.social_posts(late_s=LATE_S, limit=FALLBACK_BATCH)),
    ]
    handled = sum(_handled(handle, ids, stopping) for handle, ids in work)
    # After the sending above: without a bell, its ends are told here too.
    _handled(lambda pk: deliveries.record(outbound_pk=pk), sweeps.take_unreported(limit=FALLBACK_BATCH), stopping)
    posts = sweeps.take_unreported_posts(limit=FALLBACK_BATCH)
    _handled(lambda pk: social_deliveries.record(post_pk=pk), posts, stopping)
    if handled:
        log.info("forgotten_rows_handled", count=handled)
        # What only mail needs is not kept for the next time the workers are away.
        language.forget()
    return handled


def _handled(handle: Callable[[int], object], ids: list[int], stopping: threading.Event) -> int:
    """Handle each of `ids` until told to stop; return how many went well."""
    handled = 0
    for pk in ids:
        if stopping.is_set():
            break
        try:
            handle(pk)
            handled += 1
        except Exception as error:
            log.exception("forgotten_row_failed", row=pk)
            if isinstance(error, Error) and not connection.in_atomic_block:
                connection.close()
                # One row's trouble is its own; with the database away the others would only fail like it.
                connection.ensure_connection()
    return handled


def _fingerprint(mailbox: Mailbox) -> tuple[Any, ...]:
    return (
        mailbox.imap_host, mailbox.imap_port, mailbox.imap_security, mailbox.imap_auth, mailbox.imap_user,
        mailbox.imap_secret, mailbox.imap_folder, mailbox.ca_certificate, mailbox.slug, mailbox.address,
        mailbox.oauth_token_url, mailbox.oauth_client_id, mailbox.oauth_client_secret,
    )  # fmt: skip
