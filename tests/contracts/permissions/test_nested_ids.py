"""D1: ids that belong together only by the caller's word: children of other parents, rows of others, hidden things in bodies."""

from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.test import Client, RequestFactory
from django.urls import get_resolver, reverse

from accounts.models import Staff
from core import files
from core.audit import SYSTEM
from security.services import api_tokens
from tests.contracts.permissions import accounted, doors, matrix, routes, trial, world
from tests.contracts.permissions.rows import Recorder
from tests.contracts.permissions.world import World
from tickets import content_links
from tickets.models import Attachment, InboundMail, Mailbox, Message, Ticket, Upload

# What a ticket has that another has not: one more message, from us, whose mail has failed.
ONLY_THERE = 3
SECRET = "Withdrawal of restricted"


@dataclass
class Mixed:
    """The matrix's world, with one thing that is on no other ticket on each."""

    where: World
    client: Client
    who: Staff

    def at(self, name: str, **named: Any) -> str:
        return reverse(name, kwargs=named)


@pytest.fixture
def mixed(db: None) -> Mixed:
    where = world.build()
    other = where.tickets["other"]
    Message.objects.create(
        ticket=other, seq=ONLY_THERE, public_seq=ONLY_THERE, kind="reply", direction="in", channel="email",
        sender_role="requester", text="Only there", html="<p>Only there</p>",
    )  # fmt: skip
    Ticket.objects.filter(pk=other.pk).update(last_seq=ONLY_THERE, last_public_seq=ONLY_THERE)
    return Mixed(where, world.browser(where, "agent"), where.people["agent"])


def asked(mixed: Mixed, method: str, address: str, data: dict[str, Any] | None = None) -> tuple[int, list[str]]:
    """Return the answer's status and the changes that needed a right."""
    with Recorder() as seen:
        response = getattr(mixed.client, method)(address, data or {})
        trial.drain(response)
    assert SECRET not in getattr(response, "content", b"").decode("utf-8", "replace")
    return response.status_code, [str(one) for one in seen.diff.changes if accounted.needs_entry(one)]


@pytest.mark.attack("D1")
@pytest.mark.parametrize("parent", ["own", "restricted", "teamless"])
def test_message__of_another_ticket__is_404_by_every_door(mixed: Mixed, parent: str) -> None:
    public_id = mixed.where.tickets[parent].public_id
    for name, method in (
        ("frame", "get"),
        ("message_language", "get"),
        ("message_language", "post"),
        ("documents", "post"),
        ("undo", "post"),
        ("retry", "post"),
    ):
        address = mixed.at(f"desk:{name}", public_id=public_id, seq=ONLY_THERE)
        assert asked(mixed, method, address, {"language": "de"}) == (404, []), name


@pytest.mark.attack("D1")
def test_attachment__of_another_ticket__is_404_under_every_parent(mixed: Mixed) -> None:
    for parent, ticket in mixed.where.tickets.items():
        for child, attachment in mixed.where.attachments.items():
            address = mixed.at("desk:attachment", public_id=ticket.public_id, file_id=attachment.public_id)
            expected = 302 if parent == child and parent != "restricted" else 404
            assert asked(mixed, "get", address)[0] == expected, (parent, child)


@pytest.mark.attack("D1")
def test_upload__of_another_person_or_ticket__is_neither_removed_nor_sent(mixed: Mixed) -> None:
    own, other = mixed.where.tickets["own"], mixed.where.tickets["other"]
    elsewhere = world.upload_of(mixed.who, other)
    of_lead = world.upload_of(mixed.where.people["lead"], own)

    for upload in (elsewhere, of_lead):
        address = mixed.at("desk:upload_remove", public_id=own.public_id, file_id=upload.public_id)
        assert asked(mixed, "post", address) == (404, [])
    mixed.client.post(
        mixed.at("desk:reply", public_id=own.public_id), {"body": "Hello", "uploads": [of_lead.public_id]}
    )

    assert set(Upload.objects.values_list("pk", flat=True)) == {elsewhere.pk, of_lead.pk}
    assert not Attachment.objects.filter(message__text="Hello").exists()


@pytest.mark.attack("D1")
def test_session__of_another_person__is_404(mixed: Mixed) -> None:
    world.browser(mixed.where, "admin")
    session = world.session_of(mixed.where, "admin")
    assert asked(mixed, "post", mixed.at("security:session_revoke", public_id=session.public_id)) == (404, [])


@pytest.mark.attack("D1")
def test_spam_release__hidden_ticket_among_the_chosen__stays_as_it_is(mixed: Mixed) -> None:
    Ticket.objects.update(is_spam=True)
    mixed.client = world.browser(mixed.where, "admin")
    chosen = [mixed.where.tickets[kind].public_id for kind in ("own", "restricted")]

    mixed.client.post(mixed.at("desk:spam_release"), {"ticket": chosen})

    assert sorted(Ticket.objects.filter(is_spam=False).values_list("public_id", flat=True)) == [chosen[0]]


@pytest.mark.attack("D1")
@pytest.mark.parametrize(
    ("door", "data"),
    [
        ("team", {"team": "restricted"}), ("assign", {"assignee": "light_agent"}), ("assign", {"assignee": "gone"}),
        ("assign", {"assignee": "vendor"}), ("topic", {"topic": "out-of-use"}),
    ],
)  # fmt: skip
def test_change__to_what_the_person_may_not_choose__is_422_and_changes_nothing(
    mixed: Mixed, door: str, data: dict[str, str]
) -> None:
    Staff.objects.create_staff(email="gone@pharos.test", name="Gone", role="agent", is_active=False)
    people = {person.email.partition("@")[0]: person.public_id for person in Staff.objects.all()}
    given = {name: people.get(value, value) for name, value in data.items()}
    address = mixed.at(f"desk:{door}", public_id=mixed.where.tickets["other"].public_id)

    assert asked(mixed, "post", address, given) == (422, [])


@pytest.mark.attack("D1")
def test_queue__hidden_ticket_or_team_named_in_the_query__is_not_shown(mixed: Mixed) -> None:
    hidden = mixed.where.tickets["restricted"].public_id
    seen = mixed.where.tickets["own"].public_id
    for asked_for in (hidden, [seen, hidden]):
        rows = mixed.client.get(mixed.at("desk:rows"), {"view": "open", "only": asked_for})
        shown = rows.content.decode()
        assert (rows.status_code, hidden in shown, seen in shown) == (200, False, seen in asked_for)
    assert asked(mixed, "get", mixed.at("desk:view", slug="team-restricted"))[0] == 404
    assert asked(mixed, "get", f"{mixed.at('desk:rows')}?view=team-restricted")[0] == 404
    behind = f"{mixed.at('desk:ticket', public_id=mixed.where.tickets['own'].public_id)}?view=team-restricted"
    assert asked(mixed, "get", behind)[0] == 200
    listed = mixed.client.get("/api/v1/tickets/", {"team": "restricted"}).json()
    assert listed["results"] == []


@pytest.mark.attack("D1")
def test_review__mail_of_a_hidden_team_or_never_reviewed__is_404(mixed: Mixed) -> None:
    mixed.client = world.browser(mixed.where, "admin")
    hidden_box = Mailbox.objects.create(
        slug="hidden", name="Hidden", address="hidden@pharos.test", team=mixed.where.tickets["restricted"].team
    )
    kept = {"source": "smtp", "raw": b"sealed", "size": 6}
    hidden = InboundMail.objects.create(mailbox=hidden_box, identity="2" * 64, state="quarantined", **kept)
    for mail in (hidden, mixed.where.handed_in):
        for name, method in (("quarantine_item", "get"), ("quarantine_retry", "post"), ("quarantine_ignore", "post")):
            assert asked(mixed, method, mixed.at(f"desk:{name}", public_id=mail.public_id)) == (404, []), name


@pytest.mark.attack("D1")
def test_intake_state__mail_that_led_into_a_hidden_ticket__does_not_name_it(mixed: Mixed) -> None:
    hidden = mixed.where.tickets["restricted"]
    InboundMail.objects.filter(pk=mixed.where.handed_in.pk).update(
        state="processed", ticket=hidden, message=hidden.messages.get(seq=1)
    )
    address = mixed.at("api:intake_state", public_id=mixed.where.handed_in.public_id)
    seen = {who: client_of(mixed, who).get(address).json() for who in ("vendor", "agent", "lead")}

    assert (seen["lead"]["ticket"], seen["lead"]["message_seq"]) == (hidden.public_id, 1)
    for who in ("vendor", "agent"):
        assert seen[who] == {"state": "processed", "reason": "", "ticket": None, "message_seq": None}


def client_of(mixed: Mixed, who: str) -> Client:
    _token, secret = api_tokens.issue(person=mixed.where.people[who], name="x", scopes=["intake"], actor=SYSTEM)
    return Client(SERVER_NAME=world.HOST, headers={"authorization": f"Bearer {secret}"})


@pytest.mark.attack("D1")
def test_content_link__one_kind_of_id_under_another_kind__is_404(mixed: Mixed) -> None:
    session = world.session_of(mixed.where, "agent")
    own = mixed.where.tickets["own"]
    message, file = own.messages.get(seq=1).public_id, mixed.where.attachments["own"].public_id
    swapped = [("message", file), ("file", message), ("preview", message), ("file", own.public_id)]
    for kind, target in [*swapped, ("file", "%"), ("message", ""), ("no-such-kind", message)]:
        link = content_links.link(session_pk=session.pk, kind=kind, target=target)
        path, host = link.partition("/c/")[2], link.split("/")[2]
        assert mixed.client.get(f"/c/{path}", headers={"host": host}).status_code == 404, kind


# The administration's addresses, beside those of its models.
SITE_PAGES = {
    "admin:index", "admin:login", "admin:logout", "admin:password_change", "admin:password_change_done",
    "admin:autocomplete", "admin:jsi18n", "admin:view_on_site", "admin:app_list",
}  # fmt: skip
MODEL_PAGES = {"changelist": "view", "add": "add", "history": "view", "delete": "delete", "change": "view"}
CATCH_ALL = {"admin:(unnamed) <path:object_id>/", "admin:(unnamed) (?P<url>.*)$"}


def admin_names() -> set[str]:
    return {name for name in doors.names_of(get_resolver().url_patterns) if name.startswith("admin:")}


def expected_admin_names() -> set[str]:
    labels = [label.lower().replace(".", "_") for label in matrix.ADMIN]
    return SITE_PAGES | CATCH_ALL | {f"admin:{label}_{page}" for label in labels for page in MODEL_PAGES}


@pytest.mark.attack("D1")
def test_admin__every_address__is_one_of_a_listed_model() -> None:
    assert doors.differences(admin_names(), expected_admin_names()) == []


@pytest.mark.attack("D1")
@pytest.mark.parametrize("who", sorted(routes.STAFF | {"outsider", "password_only"}))
def test_admin__every_page_as_this_person__opens_as_the_matrix_says(mixed: Mixed, who: str) -> None:
    client = world.browser(mixed.where, who)
    faults = []
    for label, acts in matrix.ADMIN.items():
        for page, verb in MODEL_PAGES.items():
            name = f"admin:{label.lower().replace('.', '_')}_{page}"
            response = client.get(reverse(name, args=[] if page in {"changelist", "add"} else ["0"]))
            # A row that is not there leads to the index, but only those who may.
            led_away = response.headers.get("Location", "")
            is_in = response.status_code == 200 or (response.status_code == 302 and led_away == reverse("admin:index"))
            may = who in acts.get(verb, frozenset())
            # The history of nothing is nothing for everybody.
            if page == "history" and response.status_code in {302, 404}:
                continue
            if is_in is not may:
                faults.append(f"{who}: {name}: {response.status_code} {led_away}")

    assert faults == []


@pytest.mark.attack("D1")
def test_admin__planted_action__is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.contracts.permissions.test_admin_holds import mismatches

    page = admin.site._registry[next(model for model in admin.site._registry if model._meta.label == "accounts.Team")]
    monkeypatch.setattr(type(page), "actions", [export_everything])

    assert "admin: export_everything accounts.Team: allowed, the matrix says otherwise" in list(mismatches("admin"))


def export_everything(_page: object, _request: HttpRequest, _rows: object) -> None:
    """Stand for an action that nobody listed."""


@pytest.mark.attack("D1")
def test_frames_and_events__planted__are_found() -> None:
    for found, listed in ((doors.frame_types(), matrix.FRAMES), (doors.event_types(), matrix.EVENTS)):
        faults = doors.differences(found | {"ticket.delete"}, set(listed))
        assert [fault.partition(":")[0] for fault in faults] == ["ticket.delete"]


def weak_file(request: HttpRequest, public_id: str, file_id: str) -> HttpResponse:
    """A weak stub: looks for the child alone, and believes that the parent was checked."""
    ticket = Ticket.objects.filter(public_id=public_id).first()
    attachment = Attachment.objects.select_related("file").get(public_id=file_id)
    return JsonResponse({"ticket": ticket is not None, "content": files.read(attachment.stored).decode()})


@pytest.mark.positive_control("D1")
def test_weak_file__child_of_a_hidden_ticket_under_an_own_one__is_read(mixed: Mixed) -> None:
    own, hidden = mixed.where.tickets["own"].public_id, mixed.where.attachments["restricted"].public_id

    leaked = weak_file(RequestFactory().get("/"), own, hidden)

    assert b"proof" in leaked.content
    assert asked(mixed, "get", mixed.at("desk:attachment", public_id=own, file_id=hidden))[0] == 404


@pytest.mark.positive_control("D1")
@pytest.mark.usefixtures("nothing_hidden")
def test_weak_queue__everything_to_everybody__shows_the_hidden_ticket(mixed: Mixed) -> None:
    assert SECRET in mixed.client.get(mixed.at("desk:view", slug="open")).content.decode()
