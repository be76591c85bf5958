"""Saved views: whose they are, what their conditions mean, pages in every order, counts of what one may see."""

import re
from datetime import timedelta
from html import unescape
from itertools import pairwise, product
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from accounts.models import Staff
from core.audit import SYSTEM
from core.clock import from_now
from core.models import AuditEntry
from security.services import api_tokens
from tests.cast import signed_in
from tests.factories.accounts import StaffFactory, TeamFactory
from tests.factories.tickets import TopicFactory, answer, mail_ticket
from tickets.models import SavedView, Tag, Ticket
from tickets.models.saved_view import Grouping, Sort
from tickets.models.ticket import TicketQuerySet
from tickets.selectors import listings, queue
from tickets.selectors import saved_views as shown
from tickets.selectors.listings import Wanted
from tickets.services import errors, properties, replies, saved_views
from tickets.services.saved_views import Wording
from tickets.services.senders import Sender

ROW = re.compile(r'data-row="([^"]+)"')


@pytest.fixture
def cases(db: None, agent: Staff) -> list[Ticket]:
    """Six cases that differ in everything that views ask about."""
    made = [mail_ticket(address=f"c{number}@example{number % 2}.com", subject=f"Case {number}") for number in range(6)]
    team = TeamFactory.create(slug="cards", name="Cards")
    team.members.add(agent)
    for number, ticket in enumerate(made):
        Ticket.objects.filter(pk=ticket.pk).update(
            priority=("low", "normal", "high", "urgent")[number % 4],
            team=team if number % 2 else None,
            assignee=agent if number < 3 else None,
            due_at=from_now(timedelta(hours=number - 1)) if number < 4 else None,
            updated_at=from_now(-timedelta(days=number)),
        )
    made[5].tags.add(Tag.objects.create(name="very important"))
    sender = Sender.of_staff(agent)
    replies.add(ticket=made[0], sender=sender, channel="email", words=replies.Words(text="We are looking."))
    return [Ticket.objects.get(pk=ticket.pk) for ticket in made]


def own(by: Staff, query: str, **more: Any) -> SavedView:
    return saved_views.add(by=by, wording=Wording(name=query or "all", query=query, **more))


def numbers(person: Staff, query: str) -> list[int]:
    view = own(person, query)
    found = shown.tickets_of(view, person)
    counted = shown.counts([view], person, queue.visible_teams(person))
    saved_views.archive(view=view, by=person)
    assert counted == {shown.slug_of(view): found.count()}, query
    return sorted(int(subject.removeprefix("Case ")) for subject in found.values_list("subject", flat=True))


@pytest.mark.attack("D5")
def test_conditions__each_field__holds_what_it_says_and_counts_the_same(cases: list[Ticket], agent: Staff) -> None:
    TopicFactory.create()
    asked = {
        "": [0, 1, 2, 3, 4, 5],
        "status:new priority:high": [2],
        "priority:high priority:urgent": [2, 3],
        "-priority:low": [1, 2, 3, 5],
        "assignee:me": [0, 1, 2],
        "assignee:none": [3, 4, 5],
        f'assignee:"{agent.name}" team:none': [0, 2],
        "team:mine": [1, 3, 5],
        "team:cards": [1, 3, 5],
        'tag:"Very important"': [5],
        "tag:none": [0, 1, 2, 3, 4],
        "topic:none domain:example1.com": [1, 3, 5],
        "topic:withdrawals-pending": [],
        "sla:missed": [0, 1],
        "sla:none": [4, 5],
        "due:90m": [0, 1, 2],
        "due:>90m": [3],
        "created:36h": [0, 1, 2, 3, 4, 5],
        "created:>36h": [],
        "updated:36h": [0, 1],
        "updated:>36h": [2, 3, 4, 5],
        "is:unread": [1, 2, 3, 4, 5],
        "waiting:1h": [1, 2, 3, 4, 5],
        "waiting:>1h": [],
        "is:spam": [],
    }
    for query, expected in asked.items():
        assert numbers(agent, query) == expected, query


@pytest.mark.django_db
def test_pages__every_order_and_grouping__each_case_once_and_groups_together(cases: list[Ticket], agent: Staff) -> None:
    teams = queue.visible_teams(agent)
    for sort, grouping in product(Sort.values, Grouping.values):
        found = listings.listing("open", agent, teams, Wanted(sort=sort, group=grouping))
        assert found is not None
        whole = found.page(agent, teams).rows
        seen: list[str] = []
        after = ""
        for _ in cases:
            page = queue.page(tickets=tickets_of(found), order=found.order, after=after, size=1)
            seen += [row.subject for row in page.rows]
            after = page.next_cursor
        assert seen == [row.subject for row in whole], (sort, grouping)
        assert after == ""
        assert len(set(seen)) == len(cases)
        groups = [row.group for row in whole]
        assert sum(one != other for one, other in pairwise(groups)) == len(set(groups)) - 1


def tickets_of(found: listings.Listing) -> TicketQuerySet:
    assert found.tickets is not None
    return found.tickets


@pytest.mark.django_db
def test_orders__named_ones__begin_with_what_they_say(cases: list[Ticket], agent: Staff) -> None:
    def first(slug: str, **wanted: str) -> str:
        found = listings.listing(slug, agent, queue.visible_teams(agent), Wanted(**wanted))
        assert found is not None
        return found.page(agent, queue.visible_teams(agent)).rows[0].subject

    assert first("mine") == "Case 0"
    assert first("open", sort="-priority") == "Case 3"
    assert first("open", sort="created") == "Case 0"
    assert first("open", sort="-updated") == "Case 0"
    assert first("open", sort="waiting") == "Case 1"
    assert first("open", q="team:cards", sort="due") == "Case 1"
    assert first("open", sort="-number") == "Case 5"


@pytest.mark.attack("D3")
def test_conditions__that_cannot_be_read__are_refused_in_words(
    cases: list[Ticket], client: Client, agent: Staff
) -> None:
    signed_in(client, agent)
    for query in ("colour:red", "jam", "from:mina@", "due:soon", "tag:unheard", "team:secret", "sla:"):
        with pytest.raises(saved_views.BadConditions):
            own(agent, query)
        html = client.get("/desk/views/open/", {"q": query}).content.decode()
        assert ROW.findall(html) == []
        assert f"<mark>{query}</mark>" in html
    assert client.get("/desk/views/open/", {"sort": "requester__email"}).status_code == 400
    assert client.get("/desk/rows/", {"view": "open", "group": "assignee__password"}).status_code == 400
    assert client.get("/desk/views/open/", {"assignee__password": "x"}).status_code == 400


@pytest.mark.attack("D5")
def test_view__tag_deleted_later__is_broken_and_never_empty_or_everything(
    cases: list[Ticket], client: Client, agent: Staff, lead: Staff
) -> None:
    view = own(agent, 'tag:"very important"')
    hidden = mail_ticket(team=TeamFactory.create(is_restricted=True))
    hidden.tags.add(Tag.objects.create(name="restricted"))
    shared = saved_views.add(by=lead, wording=Wording(name="VIPs", query="tag:restricted"), is_shared=True)
    slug = shown.slug_of(view)
    signed_in(client, agent)
    assert len(ROW.findall(client.get(f"/desk/views/{slug}/").content.decode())) == 1
    html = client.get(f"/desk/views/{shown.slug_of(shared)}/").content.decode()
    assert "No tickets here" in html
    assert client.get("/desk/counts/").json()["counts"][shown.slug_of(shared)] == "0"
    Tag.objects.all().delete()
    html = client.get(f"/desk/views/{shown.slug_of(shared)}/").content.decode()
    assert "Whoever keeps this view can mend it." in html
    assert "restricted" not in html
    html = unescape(client.get(f"/desk/views/{slug}/").content.decode())
    assert ROW.findall(html) == []
    assert "This view is broken" in html
    assert '<mark>tag:"very important"</mark>' in html
    assert f"/desk/views/{slug}/edit/" in html
    assert client.get("/desk/counts/").json()["counts"][slug] == "!"
    assert 'aria-invalid="true"' in client.get(f"/desk/views/{slug}/edit/").content.decode()


@pytest.mark.django_db
def test_scopes__own_of_a_team_and_everybodys__reach_whom_they_are_for(agent: Staff, lead: Staff) -> None:
    team = TeamFactory.create(slug="cards")
    team.members.add(agent)
    other: Staff = StaffFactory.create(role="agent")
    saved_views.add(by=lead, wording=Wording(name="all"), is_shared=True)
    saved_views.add(by=lead, wording=Wording(name="team"), is_shared=True, team=team)
    mine = own(agent, "is:open")
    assert [view.name for view in shown.listed(agent)] == ["is:open", "team", "all"]
    assert [view.name for view in shown.listed(other)] == ["all"]
    assert shown.find(shown.slug_of(mine), lead) is None
    with pytest.raises(errors.Refused):
        saved_views.add(by=agent, wording=Wording(name="x"), is_shared=True)
    for view, by in ((mine, lead), (SavedView.objects.get(name="all"), agent)):
        with pytest.raises(errors.Refused):
            saved_views.change(view=view, by=by, wording=Wording(name="taken"))
        with pytest.raises(errors.Refused):
            saved_views.archive(view=view, by=by)
        with pytest.raises(errors.Refused):
            saved_views.move(view=view, by=by, is_up=True)


@pytest.mark.django_db
def test_place__moved_up_and_put_away__is_kept_and_audited(agent: Staff) -> None:
    first, second = own(agent, "is:open"), own(agent, "is:unread")
    saved_views.move(view=second, by=agent, is_up=True)
    assert [view.pk for view in shown.listed(agent)] == [second.pk, first.pk]
    saved_views.change(view=second, by=agent, wording=Wording(name="Unread", query="is:unread"))
    saved_views.archive(view=second, by=agent)
    assert [view.pk for view in shown.listed(agent)] == [first.pk]
    told = AuditEntry.objects.filter(object_id=second.public_id).order_by("pk").values_list("action", "fields")
    assert [action.removeprefix("savedview.") for action, _fields in told] == [
        "created",
        "moved",
        "changed",
        "archived",
    ]
    assert told[2][1] == ["name"]


@pytest.mark.django_db
def test_database__refuses_other_scopes_orders_and_columns(agent: Staff) -> None:
    rows = SavedView.objects.filter(pk=own(agent, "is:open").pk)
    for change in ({"team": TeamFactory.create()}, {"name": ""}, {"sort": "password"}, {"columns": ["password"]}):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(**change)


@pytest.mark.django_db
def test_form__rows_without_scripts__count_save_and_open_the_view(
    client: Client, cases: list[Ticket], agent: Staff, lead: Staff
) -> None:
    signed_in(client, agent)
    rows = {"field": ["priority", "tag", ""], "is": ["yes", "not", "yes"], "value": ["high", "very important", ""]}
    more = {"name": "High ones", "scope": "own", "sort": "due", "grouping": "status", "columns": ["number", "team"]}
    counted = client.post("/desk/views/new/", {**rows, **more, "count": "1"})
    assert (counted.status_code, SavedView.objects.count()) == (200, 0)
    assert "1 case now" in counted.content.decode()
    assert "1 case now" in client.get("/desk/views/count/", rows).content.decode()
    assert client.post("/desk/views/new/", {**rows, **more, "scope": "all"}).status_code == 422
    wrong = client.post("/desk/views/new/", {**rows, **more, "value": ["purple", "very important", ""]})
    assert wrong.status_code == 422
    assert "purple" in wrong.content.decode()
    html = client.post("/desk/views/new/", {**rows, **more}, follow=True).content.decode()
    assert ROW.findall(html) == [cases[2].public_id]
    assert '<li class="row-group"><h2>New</h2></li>' in html
    view = SavedView.objects.get()
    assert (view.query, view.columns) == ('priority:high -tag:"very important"', ["number", "team"])
    slug = shown.slug_of(view)
    assert signed_in(Client(), lead).get(f"/desk/views/{slug}/").status_code == 404
    assert signed_in(Client(), lead).get(f"/desk/views/{slug}/edit/").status_code == 404
    assert client.get("/desk/counts/").json()["counts"][slug] == "1"
    saved = client.post(f"/desk/views/{slug}/edit/", {**rows, **more, "name": "Better"})
    assert saved.status_code == 302
    client.post(f"/desk/views/{slug}/archive/")
    assert client.get(f"/desk/views/{slug}/").status_code == 404


@pytest.mark.django_db
def test_waiting_since__the_database_keeps_it__from_the_first_word_without_an_answer(agent: Staff) -> None:
    ticket = mail_ticket()

    def since() -> object:
        return Ticket.objects.values_list("waiting_since", flat=True).get(pk=ticket.pk)

    first = since()
    assert first is not None
    answer(ticket, "Hello?")
    assert since() == first
    replies.add(ticket=ticket, sender=Sender.of_staff(agent), channel="email", words=replies.Words(text="Yes."))
    assert since() is None
    answer(Ticket.objects.get(pk=ticket.pk), "And now?")
    assert since() is not None
    properties.set_topic(ticket=ticket, to=TopicFactory.create(), by=agent)
    Ticket.objects.filter(pk=ticket.pk).update(status="resolved")
    assert since() is None


@pytest.mark.django_db
def test_api__views_and_their_tickets__are_those_of_the_desk(
    cases: list[Ticket], client: Client, agent: Staff, lead: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tickets.selectors.queue.PAGE_SIZE", 2)
    view = own(agent, "team:cards", sort="-priority")
    hidden = own(lead, "is:open")
    broken = own(agent, 'tag:"very important"')
    Tag.objects.all().delete()
    _token, secret = api_tokens.issue(person=agent, name="t", scopes=["read"], actor=SYSTEM)
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    told = client.get("/api/v1/views/").json()["results"]
    assert [(one["id"], one["count"]) for one in told] == [(view.public_id, 3), (broken.public_id, None)]
    page = client.get(f"/api/v1/views/{view.public_id}/tickets/").json()
    assert [one["subject"] for one in page["results"]] == ["Case 3", "Case 1"]
    rest = client.get("/" + page["next"].partition("://")[2].partition("/")[2]).json()
    assert [one["subject"] for one in rest["results"]] == ["Case 5"]
    assert rest["next"] is None
    assert client.get(f"/api/v1/views/{hidden.public_id}/tickets/").status_code == 404
    assert client.get(f"/api/v1/views/{broken.public_id}/tickets/").status_code == 400
    assert client.get(f"/api/v1/views/{view.public_id}/tickets/", {"cursor": "x"}).status_code == 400
