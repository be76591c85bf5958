"""E2: the address of a link comes from a setting, whatever a request says of the host it wants."""

import http.client
import re
import socket
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import reverse

from accounts.models import Staff
from core.audit import SYSTEM
from core.ids import new_public_id
from core.models import Notice
from security.services import api_tokens
from tests.factories.accounts import StaffFactory
from tests.factories.tickets import mail_ticket
from tests.support.system import RunningSystem, wait_for

EVIL = "evil.test"
# What a poisoned request says besides its Host.
FORWARDED = {
    "X-Forwarded-Host": EVIL, "X-Forwarded-Server": EVIL, "X-Original-Host": EVIL, "X-Host": EVIL, "Forwarded": f"host={EVIL}",
    "X-Forwarded-Port": "1337", "X-Forwarded-Proto": "gopher", "X-Original-URL": f"http://{EVIL}/", "X-Rewrite-URL": f"http://{EVIL}/",
}  # fmt: skip


def ask(system: RunningSystem, line: str, headers: dict[str, str], body: str = "") -> tuple[int, dict[str, str], str]:
    """Send exactly this request line to the web server; return status, headers and body."""
    given = {"Content-Length": str(len(body)), "Connection": "close", **headers}
    if body:
        given["Content-Type"] = "application/x-www-form-urlencoded"
    raw = "\r\n".join([f"{line} HTTP/1.1", *(f"{name}: {value}" for name, value in given.items()), "", body])
    with socket.create_connection(("127.0.0.1", int(system.running.values["PORT"])), timeout=20) as client:
        client.sendall(raw.encode())
        answer = http.client.HTTPResponse(client)
        answer.begin()
        return answer.status, dict(answer.getheaders()), answer.read().decode("utf-8", "replace")


@pytest.fixture
def who(system_db: str) -> Staff:
    made: Staff = StaffFactory.create(email=f"{new_public_id()}@cast.test")
    return made


def forgot(system: RunningSystem, who: Staff, line: str, headers: dict[str, str]) -> int:
    """Ask for a new password with this request line and these headers; return the status."""
    page = ask(system, "GET /password/", {"Host": ours(system)})
    cookie = page[1]["Set-Cookie"].partition(";")[0]
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page[2])
    assert token
    body = f"email={who.email.replace('@', '%40')}&csrfmiddlewaretoken={token[1]}"
    return ask(system, line, {**headers, "Cookie": cookie}, body)[0]


def mails(system: RunningSystem, who: Staff) -> list[str]:
    """Return the words of every mail that has left for this person."""
    found = [message_from_bytes(path.read_bytes(), policy=default) for path in system.postbox.glob("*.eml")]
    bodies = [letter.get_body() for letter in found if who.email in str(letter["To"])]
    return [body.get_content() for body in bodies if body is not None]


def ours(system: RunningSystem) -> str:
    return f"localhost:{system.running.values['PORT']}"


@pytest.mark.attack("E2")
@pytest.mark.xdist_group("system")
def test_web_server__foreign_host_by_header_or_request_line__is_400(running_system: RunningSystem, who: Staff) -> None:
    good = ours(running_system)
    poisoned = [
        ("POST /password/", {"Host": EVIL}),
        ("POST /password/", {"Host": f"{good}.{EVIL}"}),
        ("POST /password/", {"Host": f"{good}@{EVIL}"}),
        ("POST /password/", {"Host": f"{EVIL}/{good}"}),
        ("POST /password/", {"Host": ""}),
        (f"POST http://{EVIL}/password/", {"Host": EVIL}),
    ]
    answers = [forgot(running_system, who, line, headers) for line, headers in poisoned]

    assert set(answers) == {400}
    assert not Notice.objects.filter(to_address=who.email).exists()


@pytest.mark.attack("E2")
@pytest.mark.xdist_group("system")
def test_web_server__foreign_host_beside_ours__is_in_no_mail_and_no_answer(
    running_system: RunningSystem, who: Staff
) -> None:
    headers = {"Host": ours(running_system), "Origin": settings.SITE_URL, **FORWARDED}
    for line in ("POST /password/", f"POST http://{EVIL}/password/"):
        assert forgot(running_system, who, line, headers) == 200
    sent = wait_for(lambda: len(mails(running_system, who)) == 2 and mails(running_system, who), "two mails")
    assert all(EVIL not in mail and f"{settings.SITE_URL}/password/" in mail for mail in sent or [])

    _token, secret = api_tokens.issue(person=who, name="x", scopes=["read"], actor=SYSTEM)
    for number in range(2):
        mail_ticket(address=f"e2-{number}@example.com")
    for line in ("GET /api/v1/tickets/?page_size=1", f"GET http://{EVIL}/api/v1/tickets/?page_size=1"):
        status, found, body = ask(running_system, line, {**headers, "Authorization": f"Bearer {secret}"})
        assert status == 200
        assert EVIL not in body + str(found)


@pytest.mark.attack("E2")
@pytest.mark.parametrize("host", ["localhost:1337", "127.0.0.1", "LOCALHOST:99", "localhost."])
def test_list__next_page__is_on_the_site_whatever_allowed_host_was_named(
    client: Client, agent: Staff, host: str
) -> None:
    for number in range(2):
        mail_ticket(address=f"{number}@example.com")
    _token, secret = api_tokens.issue(person=agent, name="x", scopes=["read"], actor=SYSTEM)
    headers = {"authorization": f"Bearer {secret}", "host": host, "x-forwarded-proto": "https"}

    shown: Any = client.get("/api/v1/tickets/", {"page_size": "1"}, headers=headers).json()

    assert shown["next"].startswith(f"{settings.SITE_URL}/api/v1/tickets/?")


def weak_forgot(request: HttpRequest) -> HttpResponse:
    """A weak stub: the link leads back to where the request says it came to."""
    return HttpResponse(f"Open {request.build_absolute_uri(reverse('security:forgot'))}")


@pytest.mark.positive_control("E2")
@pytest.mark.parametrize("headers", [{"host": EVIL}, {"host": "localhost", "x-forwarded-host": EVIL}])
def test_weak_forgot__poisoned_host__is_in_the_link(headers: dict[str, str]) -> None:
    with override_settings(ALLOWED_HOSTS=["*"], USE_X_FORWARDED_HOST=True):
        body = weak_forgot(RequestFactory().get("/", headers=headers)).content.decode()

    assert f"http://{EVIL}/password/" in body
