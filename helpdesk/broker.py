"""A worker must outlive its broker: one mend of kombu 5.7, whose Redis channel breaks down after a lost connection."""

from typing import Any

from kombu.transport import redis as transport

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
