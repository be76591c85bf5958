"""Pages of reports: figures with their definitions, the cases behind each, files, and who sees what."""

import csv
import io
import re
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qsl

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Staff, Team
from core.clock import now
from core.models import AuditEntry
from tests.cast import signed_in
from tests.factories.accounts import TeamFactory
from tests.factories.sla import policy
from tests.factories.tickets import TopicFactory, mail_ticket
from tickets.models import Ticket
from tickets.selectors import reports
from tickets.services import properties, replies, status
from tickets.services.senders import Sender

pytestmark = pytest.mark.django_db
SECTIONS = tuple(reports.SECTIONS)


@pytest.fixture
def busy(admin: Staff, agent: Staff, move_time: object) -> list[Ticket]:
    """A few cases under a policy, some resolved, one opened again; long enough ago to be settled."""
    policy(by=admin)
    found = []
    for number in range(4):
        ticket = mail_ticket(address=f"c{number}@example.com", subject=f"=HYPERLINK({number})")
        replies.add(ticket=ticket, sender=Sender.of_staff(agent), channel="email", words=replies.Words(text="Yes."))
        properties.set_topic(ticket=ticket, to=TopicFactory.create(), by=agent)
        properties.set_tags(ticket=ticket, names=["swap"], by=agent)
        if number % 2:
            status.move(ticket=ticket, to="resolved", by=agent)
        found.append(ticket)
    status.move(ticket=found[1], to="open", by=agent)
    move_time(timedelta(minutes=3))  # type: ignore[operator]
    return found


def page(client: Client, section: str = "levels", **asks: str) -> str:
    response = client.get(reverse("desk:report", args=[section]), {"period": "today", **asks})
    assert response.status_code == 200
    return response.content.decode()


def links(html: str) -> list[tuple[str, str]]:
    """Return (address, number shown) of every figure that leads to its cases."""
    address = reverse("desk:report_cases")
    found = re.findall(rf'<a[^>]*href="({address}\?[^"]+)"[^>]*>([\d,]+)</a>', html)
    return [(unescape(url), shown) for url, shown in found]


# Time spent stands on each case, entry by entry.
@pytest.mark.parametrize("section", [one for one in SECTIONS if one != "spent"])
def test_every_figure__of_a_section__leads_to_exactly_as_many_cases(
    client: Client, lead: Staff, busy: list[Ticket], section: str
) -> None:
    signed_in(client, lead)
    found = links(page(client, section))
    assert found
    for url, shown in found:
        html = client.get(url).content.decode()
        assert re.search(r'data-total="(\d+)"', html).group(1) == shown, url  # type: ignore[union-attr]
        assert html.count("<li data-fact>") == int(shown), url


def test_cases__more_than_a_page__are_all_found_once(
    client: Client, lead: Staff, busy: list[Ticket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tickets.selectors.reports_facts.PAGE", 3)
    signed_in(client, lead)
    url, shown = next(one for one in links(page(client, "volume")) if "figure=opened" in one[0])
    seen: list[str] = []
    for _ in range(3):
        html = client.get(url).content.decode()
        seen += re.findall(r">#(\d+)</span>", html)
        after = re.search(r'href="(\?[^"]+after=[^"]+)"', html)
        if after is None:
            break
        url = reverse("desk:report_cases") + unescape(after.group(1))
    assert sorted(seen) == sorted(str(ticket.number) for ticket in Ticket.objects.all())
    assert shown == "4"


def test_restricted_tickets__for_an_admin_outside_the_team__are_neither_counted_nor_listed(
    client: Client, admin: Staff, lead: Staff, busy: list[Ticket]
) -> None:
    secret: Team = TeamFactory.create(name="Vulnerabilities", slug="vulnerabilities", is_restricted=True)
    properties.move_to_team(ticket=busy[0], to=secret, by=lead)
    for person, number in ((lead, "4"), (admin, "3")):
        signed_in(client, person)
        url, shown = next(one for one in links(page(client, "volume")) if "figure=opened" in one[0])
        assert shown == number
        html = client.get(url).content.decode()
        assert (f"#{busy[0].number}<" in html) == (person == lead)
        assert ("Vulnerabilities" in page(client, "volume")) == (person == lead)


def export(client: Client, **data: str) -> tuple[list[list[str]], bytes]:
    response = client.post(reverse("desk:report_export"), {"period": "today", **data})
    assert response.status_code == 200
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    content = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))), content


def test_export__of_every_table__has_its_rows_and_is_recorded(client: Client, lead: Staff, busy: list[Ticket]) -> None:
    signed_in(client, lead)
    forms = [
        (section, table)
        for section in SECTIONS[:2]
        for table in re.findall(r'name="table" value="([\w-]+)"', page(client, section))
    ]
    assert len(forms) > 5
    for section, table in forms:
        rows, _content = export(client, section=section, table=table)
        entry = AuditEntry.objects.filter(action="report.exported").latest("pk")
        assert (entry.actor_id, entry.object_id, entry.detail["rows"]) == (
            lead.public_id,
            f"{section}-{table}",
            len(rows) - 1,
        )


@pytest.mark.attack("B4")
def test_export__of_cases__guards_formulas_and_says_moments_with_their_zone(
    client: Client, lead: Staff, busy: list[Ticket]
) -> None:
    signed_in(client, lead)
    rows, content = export(client, section="cases", figure="opened", bom="1")
    assert content.startswith("\ufeff".encode())
    assert content.count(b"\r\n") == len(rows)
    head, *cases = rows
    assert sorted(row[head.index("number")] for row in cases) == sorted(str(ticket.number) for ticket in busy)
    assert all(row[head.index("subject")].startswith("'=HYPERLINK") for row in cases)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d", row[head.index("at")]) for row in cases)


def test_export__too_often__is_refused(client: Client, lead: Staff, busy: list[Ticket]) -> None:
    signed_in(client, lead)
    answers = [
        client.post(reverse("desk:report_export"), {"section": "volume", "table": "ages"}).status_code
        for _ in range(12)
    ]
    assert answers.count(429) >= 1
    assert AuditEntry.objects.filter(action="report.exported").count() == answers.count(200)


@pytest.mark.parametrize(
    "asks",
    [
        {"period": "month"},
        {"period": "own", "from": "2026-01-01", "to": "2026-12-31"},
        {"period": "own", "from": "soon"},
        {"as_of": "2999-01-01T00:00Z"},
        {"team": "nobody"},
        {"channel": "pigeon"},
        {"policy": "none"},
    ],
    ids=str,
)
def test_question__that_no_report_answers__is_400(client: Client, lead: Staff, asks: dict[str, str]) -> None:
    signed_in(client, lead)
    assert client.get(reverse("desk:reports"), asks).status_code == 400


def test_link__to_cases__keeps_the_moment_it_was_asked_as_of(
    client: Client, lead: Staff, agent: Staff, busy: list[Ticket], move_time: object
) -> None:
    signed_in(client, lead)
    url, shown = next(one for one in links(page(client, "volume")) if "figure=backlog" in one[0])
    asked = dict(parse_qsl(url.partition("?")[2]))
    assert asked["as_of"] <= now().strftime("%Y-%m-%dT%H:%MZ")
    status.move(ticket=busy[0], to="resolved", by=agent)
    move_time(timedelta(minutes=10))  # type: ignore[operator]
    html = client.get(url).content.decode()
    assert f'data-total="{shown}"' in html
    assert f"#{busy[0].number}<" in html


def test_wallboard__for_whoever_works_here__shows_numbers_and_no_customer(
    client: Client, light_agent: Staff, busy: list[Ticket]
) -> None:
    signed_in(client, light_agent)
    mail_ticket(address="waits@example.com")
    html = client.get(reverse("desk:wallboard")).content.decode()
    figures = dict(re.findall(r'data-figure="([\w-]+)"><dt>[^<]+</dt><dd>([^<]+)</dd>', html))
    assert figures["waiting"] == "1"
    assert set(figures) == {"waiting", "longest", "soon", "missed", "online", "away", "in-chat", "chats", "csat"}
    assert "example.com" not in html
    assert "Mina" not in html
    part = client.get(reverse("desk:wallboard"), headers={"HX-Request-Type": "partial"}).content.decode()
    assert part.lstrip().startswith('<div class="contents" data-wallboard')
