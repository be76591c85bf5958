"""Events of a PBX: signed, within their window, once each, in any order, and what they do to a ticket."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from core.clock import now
from tests.integration.tickets.phone.conftest import OnCall
from tests.integration.tickets.phone.test_calls import events
from tests.support.small_pbx import SECRET, told
from tests.support.small_twilio import CALLER
from tickets.channels.phone import cti
from tickets.models import PhoneCall, PhoneEvent, PhoneLeg, PhoneLine, Ticket
from tickets.services import cti as cti_service
from tickets.services import phone_raw


@pytest.fixture
def pbx(line: PhoneLine) -> PhoneLine:
    PhoneLine.objects.filter(pk=line.pk).update(cti_secret=SECRET, account_sid="", token="")
    line.refresh_from_db()
    return line


def rings(pbx: PhoneLine, event_id: str = "e1", call: str = "c1", **more: Any) -> tuple[int, str]:
    return told(pbx, id=event_id, event="ringing", call=call, **{"from": CALLER}, **more)


def test_signature__as_documented__is_openssls() -> None:
    given = ("0123456789abcdef0123456789abcdef", "1796000000", b'{"id":"evt-1"}')
    assert cti.signature(*given) == "9d443bad85246811c7f34e3eeaa5ebf2da8971a089cdf2b4c833a2dbd2e2f6d4"


def test_call__rings_is_answered_and_ends__is_a_ticket_of_whoever_took_it(pbx: PhoneLine, on_call: OnCall) -> None:
    ada = on_call("Ada")
    assert rings(pbx) == (200, '{"state": "ringing"}')
    told(pbx, id="e2", event="answered", call="c1", agent=ada.email.upper())
    call = PhoneCall.objects.get()
    assert (call.state, call.agent) == ("talking", ada)
    assert PhoneLeg.objects.get(staff=ada).state == "accepted", "nobody else is put through to them"
    assert told(pbx, id="e3", event="ended", call="c1") == (200, '{"state": "ended"}')
    ticket = Ticket.objects.get()
    assert (ticket.assignee, ticket.channel, ticket.is_requester_proven) == (ada, "phone", False)
    assert "phone_answered" in events(ticket)
    assert events(ticket)[-1] == "phone_ended"
    assert PhoneLeg.objects.get(staff=ada).state == "ended"


def test_call__never_answered_or_only_its_end_is_heard__was_missed(pbx: PhoneLine) -> None:
    rings(pbx)
    told(pbx, id="e2", event="ended", call="c1")
    told(pbx, id="e3", event="ended", call="c2", **{"from": "anonymous"})
    assert set(PhoneCall.objects.values_list("outcome", flat=True)) == {"missed"}
    assert Ticket.objects.count() == 2


def test_call__taken_by_somebody_unknown__is_answered_and_nobodys(pbx: PhoneLine) -> None:
    told(pbx, id="e1", event="answered", call="c1", agent="somebody@elsewhere.test")
    told(pbx, id="e2", event="ended", call="c1")
    assert PhoneCall.objects.get().outcome == "answered"
    assert Ticket.objects.get().assignee is None


def test_call__late_word_after_its_end__changes_nothing(pbx: PhoneLine, on_call: OnCall) -> None:
    rings(pbx)
    told(pbx, id="e2", event="ended", call="c1")
    assert told(pbx, id="e3", event="answered", call="c1", agent=on_call("Ada").email) == (200, '{"state": "ended"}')
    assert PhoneCall.objects.get().outcome == "missed"


@pytest.mark.attack("F2")
def test_event__ten_at_once_and_a_replay_next_day__one_effect(
    clone_db: str, pbx: PhoneLine, race: Callable[..., list[Any]], move_time: Callable[[timedelta], None]
) -> None:
    stamp = str(int(now().timestamp()))
    answers = race(*[lambda: rings(pbx, stamp=stamp)] * 10)
    assert set(answers) == {(200, '{"state": "ringing"}')}
    assert (PhoneCall.objects.count(), Ticket.objects.count(), PhoneEvent.objects.count()) == (1, 1, 1)
    before = Ticket.objects.get().last_seq
    move_time(timedelta(days=1))
    assert rings(pbx, stamp=stamp)[0] == 403, "the same bytes are too old"
    assert rings(pbx, call="c-other") == (200, '{"state": "ringing"}'), "signed anew, the id is known"
    assert (Ticket.objects.get().last_seq, PhoneCall.objects.count()) == (before, 1)


@pytest.mark.attack("F2")
@pytest.mark.parametrize("signed", ["", "wrong", "ü".encode().decode("latin1")])
def test_event__wrong_signature_or_old__nothing_is_kept(pbx: PhoneLine, signed: str) -> None:
    assert rings(pbx, signed=signed)[0] == 403
    for stamp in ("0", "x", str(int(now().timestamp()) - 301), str(int(now().timestamp()) + 330)):
        assert rings(pbx, stamp=stamp)[0] == 403
    assert not PhoneEvent.objects.exists()


@pytest.mark.parametrize("said", [{"id": ""}, {"call": "a b"}, {"event": "sings"}, {"id": 7}])
def test_event__that_says_nothing_we_know__is_told_so(pbx: PhoneLine, said: dict[str, Any]) -> None:
    assert told(pbx, **{"id": "e1", "event": "ringing", "call": "c1", **said})[0] == 400
    assert not PhoneEvent.objects.exists()


def test_event__never_finished__is_acted_on_by_the_sweeper(pbx: PhoneLine) -> None:
    rings(pbx)
    told(pbx, id="e2", event="ended", call="c1")
    PhoneEvent.objects.filter(digest=cti_name("e2")).update(state="stored", answer="")
    for row in PhoneEvent.objects.filter(state="stored"):
        phone_raw.again(event_pk=row.pk)
    assert set(PhoneEvent.objects.values_list("state", flat=True)) == {"processed"}
    assert PhoneCall.objects.get().state == "ended"


def test_door__without_a_secret__is_not_there(line: PhoneLine) -> None:
    assert rings(line)[0] == 404


def cti_name(event_id: str) -> str:
    return cti_service.name_of(cti.CallEvent(event_id, "ended", "c1", "", "", False, ""))
