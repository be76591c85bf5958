"""Every refusal of API v1 is a problem document, whoever refuses: DRF, Django, or a service."""

import json

import pytest
from django.conf import settings as django_settings
from django.test import Client
from pytest_django import Settings

from accounts.models import Staff
from tests.cast import signed_in
from tests.factories.tickets import mail_ticket
from tests.integration.tickets.api.conftest import NEW, TICKETS, Caller, Calling, problem
from tickets.api.views import TicketList
from tickets.models import Mailbox, Ticket

pytestmark = pytest.mark.django_db
DEEP = b"[" * 200_000
CSRF = "c" * 32


def test_problem__nobody_known__is_401_with_a_challenge(client: Client) -> None:
    for path in (TICKETS, f"{TICKETS}{'a' * 20}/", f"{TICKETS}{'a' * 20}/messages/", "/api/v1/schema/"):
        answer = client.get(path)
        problem(answer, 401, "not_authenticated")
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="pharos"'


def test_problem__wrong_token__is_401_even_beside_a_session(client: Client, agent: Staff) -> None:
    answer = signed_in(client, agent).get(TICKETS, headers={"Authorization": "Bearer ph_" + "a" * 43})
    problem(answer, 401, "authentication_failed")


def test_problem__scope_or_role_missing__is_403(agent: Staff, auditor: Staff, calling: Calling) -> None:
    problem(calling(agent, "write").get(TICKETS), 403, "permission_denied")
    problem(calling(agent, "read").post(TICKETS, NEW), 403)
    problem(calling(agent, "intake").get(TICKETS), 403)
    problem(calling(auditor, "read", "write").post(TICKETS, NEW), 403)


@pytest.mark.parametrize("path", ["/api/v1/nothing/", "/api/", "/api/v1/tickets/a.b/", "/api/v2/tickets/"])
def test_problem__unknown_route__is_404(agent: Staff, calling: Calling, path: str) -> None:
    problem(calling(agent, "read").get(path), 404, "not_found")


def test_problem__method_that_is_not_there__is_405_and_says_which_are(agent: Staff, calling: Calling) -> None:
    caller = calling(agent)
    answer = caller.client.delete(TICKETS, headers={"Authorization": f"Bearer {caller.secret}"})
    problem(answer, 405, "method_not_allowed")
    assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))
    problem(caller.post(f"{TICKETS}{mail_ticket().public_id}/", {}), 405)


def test_problem__answer_in_a_format_we_have_not__is_406(agent: Staff, calling: Calling) -> None:
    problem(calling(agent, "read").get(TICKETS, Accept="text/html"), 406, "not_acceptable")


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "application/xml"],
)
def test_problem__body_in_a_format_we_have_not__is_415(agent: Staff, calling: Calling, content_type: str) -> None:
    problem(calling(agent).post(TICKETS, b"subject=x", content_type), 415, "unsupported_media_type")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"{", "application/json"), (b"", "application/json"), (b"\xff\xfe", "application/json"), (b"[]", "application/json"),
        (b'"text"', "application/json"), (b"null", "application/json"), (b"NaN", "application/json"), (DEEP, "application/json"),
        (json.dumps(NEW).encode("utf-16"), "application/json"), (b"{}", "application/json; charset=klingon"),
    ],
)  # fmt: skip
def test_problem__body_that_is_no_object__is_400(
    agent: Staff, calling: Calling, body: bytes, content_type: str
) -> None:
    problem(calling(agent).post(TICKETS, body, content_type), 400)


def test_problem__body_larger_than_allowed__is_413(agent: Staff, calling: Calling, settings: Settings) -> None:
    settings.MAX_JSON_BYTES = 200
    problem(calling(agent).post(TICKETS, {**NEW, "text": "x" * 200}), 413, "body_too_large")
    assert calling(agent).post(TICKETS, NEW).status_code == 201


def test_problem__something_breaks__is_500_without_its_words(
    agent: Staff, calling: Calling, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret inside")

    monkeypatch.setattr(TicketList, "get", broken)
    assert "secret" not in str(problem(calling(agent, "read").get(TICKETS), 500, "server_error"))


def test_schema__without_a_token__is_a_problem_in_json_not_yaml(client: Client) -> None:
    problem(client.get("/api/v1/schema/"), 401)


def test_session__reads_and_writes_with_its_csrf_token(agent: Staff) -> None:
    client = signed_in(Client(enforce_csrf_checks=True), agent)
    assert client.get(TICKETS).status_code == 200
    problem(client.post(TICKETS, NEW, content_type="application/json"), 403)
    assert not Ticket.objects.exists()
    client.cookies[django_settings.CSRF_COOKIE_NAME] = CSRF
    problem(client.post(TICKETS, NEW, content_type="application/json", headers={"X-CSRFToken": "d" * 32}), 403)
    written = client.post(TICKETS, NEW, content_type="application/json", headers={"X-CSRFToken": CSRF})
    assert written.status_code == 201


def test_token__writes_without_a_csrf_token(agent: Staff, calling: Calling) -> None:
    caller = calling(agent)
    strict = Caller(caller.secret, Client(enforce_csrf_checks=True))
    assert strict.post(TICKETS, NEW).status_code == 201


def test_session__never_hands_in_mail(agent: Staff, mailbox: Mailbox) -> None:
    client = signed_in(Client(), agent)
    answer = client.post(
        f"/api/v1/intake/email/{mailbox.slug}/", b"From: a@b.example\r\n\r\nx", content_type="message/rfc822"
    )
    problem(answer, 403)
