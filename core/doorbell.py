"""Waking a Celery task by name after commit. The row is the promise; the bell may be lost."""

import structlog
from celery import current_app
from kombu.exceptions import ChannelError, OperationalError
from redis.exceptions import RedisError

from core import passing
from core.after_commit import after_commit
from core.breaker import Breaker

log = structlog.get_logger(__name__)

_breaker = Breaker()
# Where it is noted that a bell was rung, and how long one that nobody has answered holds off the next.
RUNG, RUNG_S = "bell", 2


def ring(task: str, *ids: int, delay_s: float = 0, queue: str | None = None) -> None:
    """Wake `task` with row ids after commit. With the broker away this does nothing: the sweeper finds the row."""
    after_commit(f"ring {task}", ring_now, task, *ids, delay_s=delay_s, queue=queue)


def ring_once(task: str) -> None:
    """Wake a task that looks at everything after commit, unless it was rung for and has not begun yet (`begun`).

    A thousand who come at once ring a thousand times; one look sees them all.
    """
    after_commit(f"ring {task}", _ring_unless_rung, task)


def begun(task: str) -> None:
    """Said by such a task before it looks: what is written from now on is rung for anew."""
    passing.say(scope=RUNG, who=task, words="", life_s=RUNG_S)


def _ring_unless_rung(task: str) -> None:
    if passing.is_first(scope=RUNG, who=task, life_s=RUNG_S):
        ring_now(task)


def ring_now(
    task: str, *ids: int, delay_s: float = 0, queue: str | None = None, expires_s: float | None = None
) -> bool:
    """Wake `task` at once and return whether the broker took it; nobody is woken later than `expires_s` from now.

    After a failure the broker is left alone for five seconds, so that a dead Redis does not make
    every request wait for its time-out.
    """
    if _breaker.is_open:
        return False
    try:
        current_app.send_task(
            task, args=list(ids), countdown=delay_s or None, queue=queue, expires=expires_s, retry=False
        )
    except (OperationalError, RedisError, OSError) as error:
        _breaker.trip()
        log.warning("doorbell_unanswered", task=task, reason=type(error).__name__)
        return False
    return True


def unheard() -> int:
    """Return how many bells wait for the worker; 0 with the broker away, where nobody can ring either."""
    if _breaker.is_open:
        return 0
    queue = current_app.conf.task_default_queue
    try:
        with current_app.connection_for_write() as broker:
            return int(broker.default_channel.queue_declare(queue=queue, passive=True).message_count)
    except ChannelError:  # a queue without messages is none
        return 0
    except (OperationalError, RedisError, OSError) as error:
        _breaker.trip()
        log.warning("doorbell_unanswered", task="", reason=type(error).__name__)
        return 0
