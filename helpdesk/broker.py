"""A worker must outlive its broker and what lies on it: mends of kombu 5.7 and Celery 5.6, which break down."""

from collections.abc import Callable
from typing import Any

from celery import Task
from celery.exceptions import InvalidTaskError
from celery.worker import strategy
from kombu.exceptions import ContentDisallowed
from kombu.transport import redis as transport

JSON = "application/json"

_Channel: Any = transport.Channel  # kombu types none of it
_parameters: Any = _Channel._connparams  # noqa: SLF001 -- the one place that trips


def mend() -> None:
    """Make a channel whose connection is gone say so.

    It fails with AttributeError otherwise, where kombu and Celery expect and ignore connection errors:
    closing such a channel, or acknowledging a message on it, would end the worker for good.
    """
    _Channel._connparams = _parameters_of_open_connection  # noqa: SLF001 -- as above


def _parameters_of_open_connection(channel: Any, *more: Any, **named: Any) -> Any:  # noqa: ANN401 -- kombu's own shape
    if channel.connection.client is None:
        raise ConnectionError("The connection to the broker is closed.")
    return _parameters(channel, *more, **named)


class StrictTask(Task):  # type: ignore[misc]  # Celery types none of it
    """A task whose messages are looked at before Celery trusts their shape."""

    Strategy = "helpdesk.broker:strict"


def strict(task: Task, app: Any, consumer: Any, **named: Any) -> Callable[..., Any]:  # noqa: ANN401 -- Celery's own shape
    """Return Celery's way of starting this task, for messages that are JSON of the right shape.

    Anything else is refused and logged. Celery lets plain data and text past its list of accepted content,
    and one such message would end the worker for good, each time it is delivered again.
    """
    start: Callable[..., Any] = strategy.default(task, app, consumer, **named)

    def receive(message: Any, *more: Any, **others: Any) -> Any:  # noqa: ANN401 -- as above
        if message.content_type != JSON:
            raise ContentDisallowed(f"{message.content_type} is not taken from the broker.")
        if not isinstance(message.payload, list) or len(message.payload) != 3:
            raise InvalidTaskError("The body is not a list of arguments, named arguments and options.")
        return start(message, *more, **others)

    return receive
