"""Presence: said by oneself or a lead, kept alive by open sockets, and never true for whoever is gone."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Presence, Staff
from core.models import AuditEntry
from livechat.selectors import console
from livechat.services import presence
from tests.cast import open_session, signed_in
from tests.integration.livechat.conftest import Online
from tickets.services import errors


def state_of(person: Staff) -> str:
    return console.effective(Presence.objects.filter(staff=person).first())


def test_say__online__is_so_at_once_and_recorded(agent: Staff) -> None:
    presence.say(person=agent, state="online")
    presence.say(person=agent, state="online")

    assert state_of(agent) == "online"
    entry = AuditEntry.objects.get(action="presence.changed")
    assert (entry.actor_id, entry.object_kind, entry.object_id) == (agent.public_id, "presence", agent.public_id)
    assert Presence.objects.get().languages == ["en"]


@pytest.mark.parametrize(("who", "state"), [("light_agent", "online"), ("auditor", "online"), ("agent", "asleep")])
def test_say__by_whoever_may_not_answer_or_a_state_nobody_knows__is_refused(
    request: pytest.FixtureRequest, db: None, who: str, state: str
) -> None:
    with pytest.raises(errors.Refused):
        presence.say(person=request.getfixturevalue(who), state=state)
    assert not Presence.objects.exists()


def test_force__by_a_lead__is_recorded_as_theirs_and_can_be_changed_again(online: Online, lead: Staff) -> None:
    ada = online("Ada")
    presence.force(person=ada, state="away", by=lead)

    row = Presence.objects.get(staff=ada)
    assert (row.state, row.reason) == ("away", "forced")
    assert AuditEntry.objects.filter(action="presence.changed").latest("pk").actor_id == lead.public_id
    presence.say(person=ada, state="online")
    assert state_of(ada) == "online"


def test_force__online__does_not_make_somebody_reachable_who_is_not_there(
    online: Online, lead: Staff, move_time: Any
) -> None:
    ada = online("Ada")
    move_time(timedelta(minutes=16))
    presence.sweep()
    presence.force(person=ada, state="online", by=lead)
    assert state_of(ada) == "away"
    _key, session = open_session(ada)
    presence.heard_from({session.pk})
    presence.active(person=ada)
    assert state_of(ada) == "online"


def test_force__by_anybody_else__is_refused(online: Online, agent: Staff) -> None:
    with pytest.raises(errors.Refused):
        presence.force(person=online("Ada"), state="away", by=agent)


def test_heard_from__open_sockets__keep_online_and_closed_ones_do_not(online: Online, move_time: Any) -> None:
    ada, ben = online("Ada"), online("Ben")
    _key, session = open_session(ada)
    for _round in range(5):
        move_time(timedelta(seconds=12))
        presence.heard_from({session.pk})
    assert (state_of(ada), state_of(ben)) == ("online", "away")
    move_time(timedelta(minutes=15))
    assert presence.sweep() == 2
    assert set(Presence.objects.values_list("state", "reason")) == {("offline", "silent")}
    # Whoever is offline stays so, however many sockets they open.
    presence.heard_from({session.pk})
    assert state_of(ada) == "offline"
    assert presence.sweep() == 0


def test_active__after_ten_idle_minutes__is_online_again(online: Online, move_time: Any) -> None:
    ada = online("Ada")
    _key, session = open_session(ada)
    move_time(timedelta(minutes=11))
    presence.heard_from({session.pk})
    assert state_of(ada) == "away"
    presence.active(person=ada)
    assert state_of(ada) == "online"


def test_doors__of_presence__set_and_show_it(client: Client, agent: Staff) -> None:
    signed_in(client, agent)
    assert client.post(reverse("chat:presence"), {"state": "on_call"}).status_code == 204
    assert client.post(reverse("chat:presence"), {"state": "asleep"}).status_code == 400
    page = client.get(reverse("chat:console")).content.decode()
    assert 'data-state="on_call"' in page


def test_team_page__for_a_lead__lists_people_and_sets_them(client: Client, online: Online, lead: Staff) -> None:
    ada = online("Ada")
    signed_in(client, lead)
    assert "Ada" in client.get(reverse("chat:team")).content.decode()
    answer = client.post(reverse("chat:force_presence", args=[ada.public_id]), {"state": "offline"})
    assert answer.status_code == 302
    assert state_of(ada) == "offline"
