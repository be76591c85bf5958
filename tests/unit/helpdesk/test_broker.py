"""The mend of kombu: a channel whose connection is gone fails as a lost connection does."""

from typing import Any

import pytest
from kombu import connection
from kombu.transport import redis as transport

from helpdesk import celery


def test_channel__of_a_closed_connection__fails_as_a_connection_not_as_an_attribute() -> None:
    assert celery.app.main == "helpdesk"
    make: Any = connection.Connection
    broker = make("redis://127.0.0.1:1/0")
    channel: Any = transport.Channel.__new__(transport.Channel)
    channel.connection = broker.transport
    broker.transport.client = None
    with pytest.raises(ConnectionError, match="closed"):
        channel._connparams()
