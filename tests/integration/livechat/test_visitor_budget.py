"""What a visitor does most costs few statements, as many in a long conversation as in a short one."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.factories.livechat import started
from tests.integration.livechat.test_doors import frame, say

pytestmark = pytest.mark.django_db
# Two of a message are BEGIN and COMMIT, which are not counted: visitor, lock, conversation; ticket, message, audit.
SAYS, READS = 6, 9


def statements(client: Client, act: str, number: int) -> int:
    with CaptureQueriesContext(connection) as captured:
        if act == "say":
            assert say(client, client_id=f"id-{number:06d}").status_code == 201
        else:
            assert client.get("/chat/site/messages/?chat=&since=0").status_code == 200
    # A statement that is prepared has no text here.
    return len([one for one in captured if "SAVEPOINT" not in (one["sql"] or "")])


def test_visitor__says_and_reads__costs_the_same_after_one_message_as_after_twenty() -> None:
    client = frame(started()[1])
    say(client)
    counts = [(statements(client, "say", number), statements(client, "read", number)) for number in range(1, 21)]
    assert counts == [(SAYS, READS)] * 20
