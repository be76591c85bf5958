"""Files by a guessed, leaked or kept address: every kind of link × every kind of person who must not have it."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core import signing
from django.test import Client
from django.urls import reverse

from core import files
from security.models import StaffSession
from security.services import people, sessions
from tests.contracts.permissions import world
from tests.contracts.permissions.world import World
from tests.support.weak_files import WeakFiles
from tickets import content_links
from tickets.models import Attachment, Message
from tickets.views import content

pytestmark = pytest.mark.django_db
KINDS = sorted(set(content.DOORS) - {"remote"})


@pytest.fixture
def where(db: None) -> World:
    return world.build()


def thing(where: World, kind: str, ticket: str) -> Message | Attachment:
    if kind.startswith("message"):
        return where.tickets[ticket].messages.get(seq=world.ASKED_SEQ)
    return where.attachments[ticket]


def opened(link: str) -> int:
    """Open an address of the content origin as a browser without anything."""
    parts = urlsplit(link)
    answer = Client(raise_request_exception=False).get(parts.path, HTTP_HOST=parts.netloc)
    if answer.streaming:
        answer.getvalue()
    return answer.status_code


def link_of(where: World, who: str, kind: str, ticket: str = "own") -> tuple[str, StaffSession]:
    world.browser(where, who)
    session = world.session_of(where, who)
    target = thing(where, kind, ticket).public_id
    return content_links.link(session_pk=session.pk, kind=kind, target=target), session


def let_go(where: World, session: StaffSession) -> None:
    people.deactivate(person=session.staff, changed_by=where.people["admin"])


ENDS: dict[str, Callable[[World, StaffSession], object]] = {
    "signed out": lambda _where, session: sessions.end(session=session, reason="signed_out", actor=session.staff.actor),
    "ex-agent": let_go,
    "ex-agent whose session was forgotten": lambda _where, session: (
        type(session.staff).objects.filter(pk=session.staff_id).update(is_active=False)
    ),
}


@pytest.mark.attack("C3")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("ends", ENDS)
def test_link__kept_by_somebody_who_left__is_404(where: World, kind: str, ends: str) -> None:
    link, session = link_of(where, "agent", kind)
    before = opened(link)
    # A text file has no preview, and is no document of a review: test_review_pages.py opens one of those.
    assert before == (404 if kind in {"inline", "preview", "review-document"} else 200)
    ENDS[ends](where, session)
    assert opened(link) == 404


@pytest.mark.attack("C3")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("who", "ticket"), [("vendor", "other"), ("vendor", "teamless"), ("agent", "restricted")])
def test_link__of_another_team__is_404(where: World, kind: str, who: str, ticket: str) -> None:
    link, _session = link_of(where, who, kind, ticket)
    assert opened(link) == 404


@pytest.mark.attack("C3")
@pytest.mark.parametrize("kind", KINDS)
def test_link__made_without_our_key_or_for_no_session__is_404(where: World, kind: str) -> None:
    target = thing(where, kind, "own").public_id
    good, session = link_of(where, "agent", kind)
    token = good.rpartition("/")[2]
    body, _sign, rest = token.partition(":")
    forged = [
        signing.dumps([session.pk, kind, target], salt="django.core.signing"),
        signing.dumps([session.pk, kind, target], key="guess", salt=content_links.SALT),
        signing.dumps([10**9, kind, target], salt=content_links.SALT),
        signing.dumps([session.pk, "admin", target], salt=content_links.SALT),
        signing.dumps([session.pk, kind, "0" * 20], salt=content_links.SALT),
        f"{body}:{rest[:-1]}",
        f"{body}A:{rest}",
        target,
        f"{target}/passport.png",
        "..%2f..%2fetc%2fpasswd",
        "",
    ]
    assert [opened(f"{settings.CONTENT_URL}/c/{one}") for one in forged] == [404] * len(forged)


@pytest.mark.attack("C3")
@pytest.mark.parametrize("host", ["site", "content"])
def test_guess__every_path_that_could_lead_to_the_bytes__is_404_or_sign_in(where: World, host: str) -> None:
    row = where.attachments["own"]
    stored = row.stored.storage_name
    assert files.path(row.stored).is_file()
    ticket = where.tickets["own"].public_id
    paths = [
        f"/media/{stored}",
        f"/{stored}",
        f"/static/{stored}",
        f"/static/../{stored}",
        f"/static/%2e%2e/{stored}",
        f"/files/{row.pk}/{row.stored.name}",
        f"/attachments/{row.public_id}",
        f"/c/{row.public_id}",
        f"/c/{row.pk}",
        f"/var/media/{stored}",
        reverse("desk:attachment", args=[ticket, row.public_id]),
        reverse("desk:frame", args=[ticket, 1]),
        f"/demo/postbox/{stored.replace('/', '')}/",
    ]
    sign_in = reverse("security:sign_in")
    name = urlsplit(settings.CONTENT_URL if host == "content" else settings.SITE_URL).netloc
    for path in paths:
        answer = Client(raise_request_exception=False).get(path, HTTP_HOST=name)
        assert answer.status_code in {302, 404}, path
        assert b"proof" not in b"".join(answer), path
        if answer.status_code == 302:
            assert urlsplit(answer["Location"]).path == sign_in, path


@pytest.mark.attack("C3")
def test_link__of_another_person__names_their_session_and_is_no_key_to_other_files(where: World) -> None:
    """What leaks opens this one file for the rest of its minute; it cannot be changed into another."""
    link, session = link_of(where, "agent", "file")
    target = content_links.read(link.rpartition("/")[2])
    assert (target.session_pk, target.kind) == (session.pk, "file")
    other = where.attachments["other"].public_id
    token = link.rpartition("/")[2]
    assert opened(f"{settings.CONTENT_URL}/c/{token}/{other}") == 404
    assert opened(f"{settings.CONTENT_URL}/c/{token}?target={other}") == 200
    assert content_links.read(token).target == where.attachments["own"].public_id


@pytest.mark.positive_control("C3")
def test_weak_store__guessed_number__hands_out_the_file(tmp_path: Path) -> None:
    store = WeakFiles(tmp_path)
    store.store("passport.png", b"proof")
    assert store.get("/files/1/anything.png") == (200, "image/png", b"proof")
    assert store.get("/files/2/anything.png")[0] == 404
