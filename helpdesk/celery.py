"""The Celery application; its tasks are doors (inbound_tasks) and hands (outbound_tasks) of the apps."""

import os
from functools import cached_property
from typing import Any

from celery import Celery, Task, signals
from celery.schedules import crontab

from core import request_id
from helpdesk import broker, starting, worker_pulse

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings.dev")
starting.settings_or_exit()

broker.mend()


class Application(Celery):  # type: ignore[misc]  # celery types none of it
    """Celery's, which starts no scheduler on keys that are none."""

    @cached_property
    def Beat(self) -> Any:  # noqa: N802, ANN401 -- celery's own name and shape
        """Check before beat writes its banner and takes over the error stream: one sentence is all there is to say."""
        starting.keys_or_exit()
        starting.fund_rule_or_exit()
        return super().Beat


app = Application("helpdesk", task_cls=broker.StrictTask, fixups=["helpdesk.lasting_connections:fixup"])
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["core", "security", "kb", "tickets", "livechat"], related_name="inbound_tasks")
app.autodiscover_tasks(["core", "security", "tickets"], related_name="outbound_tasks")

# What keeps the rest going has a queue and a process of its own (helpdesk/launcher/programs.py): each takes a moment
# and is worth nothing late. Long ones, such as the verification, stay with the worker.
ROUNDS_QUEUE = "rounds"
ROUNDS = (
    "core.seal_audit",
    "core.anchor_audit",
    "security.compare_fund_rule",
    "security.prove_fund_rule",
    "security.sweep_freezes",
    "security.sweep_fund_orders",
    "security.sweep_exchange_events",
    "security.keep_factors",
    "security.tell_of_actions",
    "kb.publish_due",
    "kb.send_news",
    "tickets.assign_waiting",
    "tickets.escalate",
    "tickets.mail_surveys",
    "tickets.sweep_bulk_changes",
    "tickets.sweep_clocks",
    "tickets.sweep_documents",
    "tickets.sweep_inbox",
    "tickets.sweep_outbox",
    "tickets.sweep_phone",
    "tickets.sweep_snoozes",
    "tickets.owe_webhooks",
    "tickets.tell_staff",
    "tickets.watch",
    "livechat.sweep_rings",
    "livechat.mail_unread",
    "livechat.sweep_pushes",
)
app.conf.task_routes = {name: {"queue": ROUNDS_QUEUE} for name in ROUNDS}

app.conf.beat_scheduler = "helpdesk.beat:Scheduler"
app.conf.beat_schedule = {
    "seal audit": {"task": "core.seal_audit", "schedule": 1.0, "options": {"expires": 2}},
    "sweep inbox": {"task": "tickets.sweep_inbox", "schedule": 5.0, "options": {"expires": 10}},
    "sweep outbox": {"task": "tickets.sweep_outbox", "schedule": 5.0, "options": {"expires": 10}},
    "sweep phone": {"task": "tickets.sweep_phone", "schedule": 5.0, "options": {"expires": 10}},
    "sweep snoozes": {"task": "tickets.sweep_snoozes", "schedule": 5.0, "options": {"expires": 10}},
    "sweep bulk changes": {"task": "tickets.sweep_bulk_changes", "schedule": 5.0, "options": {"expires": 10}},
    "sweep clocks": {"task": "tickets.sweep_clocks", "schedule": 5.0, "options": {"expires": 10}},
    "owe webhooks": {"task": "tickets.owe_webhooks", "schedule": 5.0, "options": {"expires": 10}},
    "tell staff": {"task": "tickets.tell_staff", "schedule": 15.0, "options": {"expires": 15}},
    "escalate": {"task": "tickets.escalate", "schedule": 5.0, "options": {"expires": 10}},
    "sweep fund orders": {"task": "security.sweep_fund_orders", "schedule": 5.0, "options": {"expires": 10}},
    "sweep exchange events": {"task": "security.sweep_exchange_events", "schedule": 5.0, "options": {"expires": 10}},
    "sweep freezes": {"task": "security.sweep_freezes", "schedule": 5.0, "options": {"expires": 10}},
    "sweep rings": {"task": "livechat.sweep_rings", "schedule": 5.0, "options": {"expires": 10}},
    "mail unread": {"task": "livechat.mail_unread", "schedule": 15.0, "options": {"expires": 15}},
    "sweep pushes": {"task": "livechat.sweep_pushes", "schedule": 5.0, "options": {"expires": 10}},
    "sweep documents": {"task": "tickets.sweep_documents", "schedule": 20.0, "options": {"expires": 20}},
    "assign waiting": {"task": "tickets.assign_waiting", "schedule": 5.0, "options": {"expires": 10}},
    "sweep calendars": {"task": "tickets.sweep_calendars", "schedule": 300.0, "options": {"expires": 300}},
    "publish due": {"task": "kb.publish_due", "schedule": 15.0, "options": {"expires": 15}},
    "send news": {"task": "kb.send_news", "schedule": 15.0, "options": {"expires": 15}},
    "mail surveys": {"task": "tickets.mail_surveys", "schedule": 60.0, "options": {"expires": 60}},
    "keep factors": {"task": "security.keep_factors", "schedule": 30.0, "options": {"expires": 30}},
    "tell of actions": {"task": "security.tell_of_actions", "schedule": 10.0, "options": {"expires": 20}},
    "beat": {"task": "core.heartbeat_beat", "schedule": 10.0, "options": {"expires": 20}},
    "watch": {"task": "tickets.watch", "schedule": 10.0, "options": {"expires": 20}},
    "verify audit": {"task": "core.verify_audit", "schedule": 3600.0, "options": {"expires": 3600}},
    "anchor audit": {"task": "core.anchor_audit", "schedule": 60.0, "options": {"expires": 60}},
    "compare fund rule": {"task": "security.compare_fund_rule", "schedule": 60.0, "options": {"expires": 60}},
    # Once a day, and at each start of beat.
    "prove fund rule": {"task": "security.prove_fund_rule", "schedule": 86_400.0, "options": {"expires": 3600}},
    "tidy": {"task": "core.tidy", "schedule": crontab(hour="3", minute="17")},
    "tidy reviews": {"task": "security.tidy_reviews", "schedule": crontab(hour="3", minute="27")},
    "tidy tickets": {"task": "tickets.tidy", "schedule": crontab(hour="3", minute="37")},
    "tidy articles": {"task": "kb.tidy", "schedule": crontab(hour="3", minute="57")},
    "tidy chats": {"task": "livechat.tidy", "schedule": crontab(hour="3", minute="47")},
}

pulse = worker_pulse.Pulse()


@signals.task_prerun.connect
def begin_context(task_id: str, **_: Any) -> None:
    """Give every task's log lines and audit entries an id of its own."""
    request_id.begin(task_id)


@signals.task_postrun.connect
def beat_for_the_worker(task: Task, **_: Any) -> None:
    """Let whatever the worker did be its sign of life: the one that beat rings for waits behind a long queue."""
    if task.name not in ROUNDS:
        pulse.after_a_task()


@signals.celeryd_init.connect
def check_keys_of_worker(options: dict[str, Any], **_: Any) -> None:
    """Start no worker whose keys do not fit: it opens raw mail, unless it is there for the rounds."""
    starting.keys_or_exit(opens_mail=list(options.get("queues") or ()) != [ROUNDS_QUEUE])
    starting.fund_rule_or_exit()


@signals.beat_init.connect
def ring_every_short_round_once(**_: Any) -> None:
    """Start the rounds of seconds at once: the first heartbeats, and what waited while nobody ran, are due now."""
    for round_ in app.conf.beat_schedule.values():
        if isinstance(round_["schedule"], float):
            app.send_task(round_["task"], **round_["options"])
