"""The doors of the search: its page, what its box offers, and the API."""

from html import unescape
from typing import Any

import pytest
from django.test import Client

from accounts.models import Staff, Team
from core.audit import SYSTEM
from security.services import api_tokens
from tests.cast import signed_in
from tests.factories.accounts import TeamFactory
from tests.factories.tickets import TopicFactory, mail_ticket
from tickets.models import Tag, Ticket


@pytest.fixture
def hidden(_any_database: None) -> Ticket:
    team: Team = TeamFactory.create(slug="compliance", name="Compliance", is_restricted=True)
    ticket = mail_ticket(address="marmalade.person@example.org", team=team, text="marmalade", subject="Hidden")
    ticket.requester.name = "Marmaduke Hidden"
    ticket.requester.save(update_fields=["name"])
    ticket.tags.add(Tag.objects.create(name="marked"))
    return ticket


def offered(client: Client, text: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get("/desk/search/suggest/", {"q": text}).json()["suggestions"]
    return found


def test_page__words_and_operators__shows_rows_marks_and_chips_to_take_away(
    db: None, client: Client, agent: Staff
) -> None:
    ticket = mail_ticket(text="Where is <b>my</b> marmalade?", subject="Jam")
    html = signed_in(client, agent).get("/desk/search/", {"q": "marmalade status:new"}).content.decode()
    assert f'data-row="{ticket.public_id}"' in html
    assert "&lt;b&gt;my&lt;/b&gt; <mark>marmalade</mark>" in html
    assert 'href="/desk/search/?q=marmalade"' in html
    assert 'href="/desk/search/?q=status%3Anew"' in html
    assert "1 ticket" in html


@pytest.mark.attack("D3")
def test_page__unknown_operator__says_what_there_is_and_where(db: None, client: Client, agent: Staff) -> None:
    html = signed_in(client, agent).get("/desk/search/", {"q": "jam colour:red <x>"}).content.decode()
    assert "jam <mark>colour:red</mark> &lt;x&gt;" in html
    assert "There is no operator “colour:”. There are: status:, priority:" in unescape(html)
    assert client.get("/desk/search/", {"q": "jam", "after": "1.2.3"}).status_code == 400


@pytest.mark.attack("D5")
def test_doors__hidden_ticket__is_neither_found_counted_nor_offered(
    client: Client, agent: Staff, hidden: Ticket
) -> None:
    signed_in(client, agent)
    html = client.get("/desk/search/", {"q": "marmalade"}).content.decode()
    assert hidden.public_id not in html
    assert "0 tickets" in html
    for text in ("marma", "marked", "tag:mark", "team:comp", f"#{hidden.number}", str(hidden.number)):
        assert offered(client, text) == [], text
    assert client.get("/api/v1/search/", {"q": "marmalade"}).json()["results"] == []


def test_suggest__what_is_typed__is_carried_on(db: None, client: Client, agent: Staff) -> None:
    ticket = mail_ticket(address="mina.person@example.com")
    ticket.tags.add(Tag.objects.create(name="very important"))
    TeamFactory.create(slug="cash-desk", name="Cash desk")
    TopicFactory.create()
    signed_in(client, agent)

    def queries(text: str) -> list[str]:
        return [one["query"] for one in offered(client, text)]

    assert queries("jam sta") == ["jam status:"]
    assert queries("jam -status:res") == ["jam -status:resolved "]
    assert queries("tag:ver") == ['tag:"very important" ']
    assert queries('tag:"very im') == ['tag:"very important" ']
    assert queries("team:cas") == ["team:cash-desk "]
    assert queries("topic:pend") == ["topic:withdrawals-pending "]
    assert queries("assignee:ad") == ['assignee:"Ada Agent" ']
    assert queries(str(ticket.number)) == [f"#{ticket.number}"]
    assert queries("") == queries("status:nothing") == queries('"a b" ') == queries("12:30") == []
    assert queries('"a b" "min') == ['"a b" "Mina Customer" ']
    (named,) = offered(client, "min")
    assert named["query"] == '"Mina Customer" '
    assert "mina.person" not in named["hint"]


def test_api__search__pages_and_refuses_in_words(
    db: None, client: Client, agent: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tickets.selectors.search.PAGE_SIZE", 1)
    tickets = [mail_ticket(address=f"c{number}@example.net", text="marmalade", subject="Jam") for number in range(2)]
    _token, secret = api_tokens.issue(person=agent, name="t", scopes=["read"], actor=SYSTEM)
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    first = client.get("/api/v1/search/", {"q": "marmalade"}).json()
    assert (first["count"], first["has_more"]) == (2, False)
    assert first["results"][0]["places"][0]["pieces"] == [{"text": "marmalade", "is_hit": True}]
    second = client.get(first["next"].partition("/api")[1] + first["next"].partition("/api")[2]).json()
    assert second["next"] is None
    shown = {one["results"][0]["ticket"]["number"] for one in (first, second)}
    assert shown == {ticket.number for ticket in tickets}
    refused = client.get("/api/v1/search/", {"q": "colour:red"})
    assert (refused.status_code, refused["Content-Type"]) == (400, "application/problem+json")
    assert "status:" in refused.content.decode()
