"""Tasks that come in: woken by name, each calls one service."""

import time
from typing import Any

from celery import current_app, shared_task, signals

from core import doorbell
from tickets.channels.email import language
from tickets.selectors import troubles
from tickets.services import (
    alarms,
    assignment,
    bulk,
    calendar_feeds,
    deliveries,
    escalation_sweep,
    fund_timeline,
    handing_on,
    identity_documents,
    intake,
    phone_callbacks,
    phone_failures,
    phone_raw,
    phone_recordings,
    phone_sweep,
    retention,
    sla_sweep,
    snoozes,
    social_deliveries,
    social_intake,
    staff_notices,
    survey_mails,
    sweeps,
    webhooks,
)

# A worker goes on with what waits for so long, then lets other tasks have their turn.
TURN_S = 10


@signals.worker_init.connect
def load_what_children_share(**_: Any) -> None:
    """Load the language model in a worker that takes mail in, before it has children: loaded later, none is shared."""
    if current_app.conf.task_default_queue in current_app.amqp.queues.consume_from:
        language.is_loaded()


@shared_task(name="tickets.ingest", time_limit=120, soft_time_limit=100)
def ingest(pk: int) -> None:
    """Handle one stored mail, and what else waits for a worker: it comes in fewer and larger transactions.

    The one that was rung for comes first: it may have waited for the end of a dead worker's lease.
    """
    intake.accept(inbound_pk=pk)
    give_up = time.monotonic() + TURN_S
    while intake.accept_waiting() > 1 and time.monotonic() < give_up:
        pass


@shared_task(name="tickets.mail_settled", time_limit=60, soft_time_limit=45)
def mail_settled(pk: int) -> None:
    """Write the consequences of a sent or failed mail."""
    deliveries.record(outbound_pk=pk)


@shared_task(name="tickets.social_ingest", time_limit=240, soft_time_limit=200)
def social_ingest(pk: int) -> None:
    """Handle one social event, and what its conversation has before and behind it."""
    social_intake.accept(event_pk=pk)


@shared_task(name="tickets.post_settled", time_limit=60, soft_time_limit=45)
def post_settled(pk: int) -> None:
    """Write the consequences of a sent or failed social message."""
    social_deliveries.record(post_pk=pk)


@shared_task(name="tickets.phone_event", time_limit=60, soft_time_limit=45)
def phone_event(pk: int) -> None:
    """Act on a request of the phone provider that was stored and never finished."""
    phone_raw.again(event_pk=pk)


@shared_task(name="tickets.phone_order_failed", time_limit=60, soft_time_limit=45)
def phone_order_failed(pk: int) -> None:
    """Write the consequences of what the phone provider did not do."""
    phone_failures.record(order_pk=pk)


@shared_task(name="tickets.place_callback", time_limit=60, soft_time_limit=45)
def place_callback(pk: int) -> None:
    """Ring somebody for a call-back whose time has come."""
    phone_callbacks.place(pk=pk)


@shared_task(name="tickets.phone_recording", time_limit=120, soft_time_limit=100)
def phone_recording(pk: int) -> None:
    """Fetch one voice message and put it on its ticket."""
    phone_recordings.keep(pk=pk)


@shared_task(name="tickets.sweep_phone", time_limit=60, soft_time_limit=45)
def sweep_phone() -> None:
    """Ring for what waits of the phone, and end calls of which nothing was heard any more."""
    phone_sweep.sweep()


@shared_task(name="tickets.tell_fund_step", time_limit=30, soft_time_limit=20)
def tell_fund_step(pk: int) -> None:
    """Write what happened to an action on its ticket."""
    fund_timeline.tell(step_pk=pk)


@shared_task(name="tickets.move_document", time_limit=120, soft_time_limit=100)
def move_document(pk: int) -> None:
    """Move one attachment into restricted storage."""
    identity_documents.move(attachment_pk=pk)


@shared_task(name="tickets.sweep_documents", time_limit=30, soft_time_limit=20)
def sweep_documents() -> None:
    """Ring again for documents that have not been moved."""
    identity_documents.ring_overdue()


@shared_task(name="tickets.sweep_inbox", time_limit=60, soft_time_limit=45)
def sweep_inbox() -> None:
    """Ring for stored mail whose bell was lost or whose worker died."""
    sweeps.inbox()


@shared_task(name="tickets.sweep_outbox", time_limit=60, soft_time_limit=45)
def sweep_outbox() -> None:
    """Ring for mail that is owed, and for ends that nobody has been told."""
    sweeps.outbox()


@shared_task(name="tickets.sweep_calendars", time_limit=120, soft_time_limit=100)
def sweep_calendars() -> None:
    """Have iCal feeds looked at whose time has come."""
    calendar_feeds.sweep()


@shared_task(name="tickets.read_calendar", time_limit=120, soft_time_limit=100)
def read_calendar(pk: int) -> None:
    """Read what was fetched of one iCal feed."""
    calendar_feeds.read(pk=pk)


@shared_task(name="tickets.mail_surveys", time_limit=60, soft_time_limit=45)
def mail_surveys() -> None:
    """Owe the mails of surveys whose time has come."""
    survey_mails.mail_due()


@shared_task(name="tickets.assign_waiting", time_limit=60, soft_time_limit=45)
def assign_waiting() -> None:
    """Set free what was left lying, move on what nobody takes, and give what waits to who is free."""
    doorbell.begun("tickets.assign_waiting")
    handing_on.sweep()
    assignment.assign_waiting()


@shared_task(name="tickets.sweep_clocks", time_limit=60, soft_time_limit=45)
def sweep_clocks() -> None:
    """Write down which promises are about to be missed, or were."""
    sla_sweep.sweep()


@shared_task(name="tickets.sweep_snoozes", time_limit=60, soft_time_limit=45)
def sweep_snoozes() -> None:
    """Bring back the cases that have slept long enough."""
    snoozes.sweep()


@shared_task(name="tickets.tell_staff", time_limit=60, soft_time_limit=45)
def tell_staff() -> None:
    """Owe devices and postboxes of staff what concerns them and what they have not looked at."""
    staff_notices.sweep()


@shared_task(name="tickets.owe_webhooks", time_limit=60, soft_time_limit=45)
def owe_webhooks() -> None:
    """Owe other systems what the audit log says since."""
    webhooks.sweep()


@shared_task(name="tickets.sweep_bulk_changes", time_limit=60, soft_time_limit=45)
def sweep_bulk_changes() -> None:
    """Ring for bulk changes that nobody works on."""
    bulk.sweep()


@shared_task(name="tickets.work_bulk_change", time_limit=300, soft_time_limit=270)
def work_bulk_change(pk: int) -> None:
    """Change the next tickets of a bulk change, and ring again while there are more."""
    if bulk.work(pk):
        doorbell.ring_now("tickets.work_bulk_change", pk)


@shared_task(name="tickets.escalate", time_limit=60, soft_time_limit=45)
def escalate() -> None:
    """Take the steps of escalation that are due, and tell people what they are owed."""
    escalation_sweep.sweep()


@shared_task(name="tickets.tidy", time_limit=600, soft_time_limit=540)
def tidy() -> None:
    """Remove raw mail past its life and uploads that were never sent."""
    retention.tidy()


@shared_task(name="tickets.watch", time_limit=30, soft_time_limit=20)
def watch() -> None:
    """Open and close alarms; that this runs at all shows that Redis answers."""
    alarms.look(judged=troubles.BY_THE_ROUNDS)
