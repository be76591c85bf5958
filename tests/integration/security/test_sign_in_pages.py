"""Signing in through the pages, as a person would."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Staff
from core.models import AuditEntry, Notice
from security.models import RecoveryCode, StaffSession, TotpDevice
from security.services import recovery_codes, totp
from tests.cast import PASSWORD, half_way, signed_in
from tests.factories.security import code_of, wrong_code

SIGN_IN = "/sign-in/"
CODE = "/sign-in/code/"
CSRF = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]+"')


def attempt(client: Client, email: str, password: str = "wrong password") -> tuple[int, bytes]:
    response = client.post(SIGN_IN, {"email": email, "password": password})
    return response.status_code, CSRF.sub(b"", response.content).replace(email.encode(), b"ADDRESS")


def statements(queries: CaptureQueriesContext) -> list[str]:
    """Kinds of statements and their tables, without values and names of savepoints."""
    return [" ".join(re.findall(r"^[A-Z ]+|(?:FROM|INTO) \S+", query["sql"])) for query in queries]


@pytest.mark.attack("E6")
def test_sign_in__both_factors__opens_a_session_under_a_new_key(verifier: object, agent: Staff) -> None:
    client = Client()
    client.get(SIGN_IN)
    first = client.post(SIGN_IN, {"email": "Agent@Cast.test ", "password": PASSWORD})
    assert first.headers["Location"] == CODE
    half_way_key = client.session.session_key

    second = client.post(CODE, {"code": code_of(agent)})

    assert second.status_code == 302
    assert client.session.session_key != half_way_key
    assert client.get("/account/").status_code == 200
    session = StaffSession.objects.get(staff=agent)
    assert session.method == "totp"
    assert str(client.session.session_key) not in session.session_digest
    assert AuditEntry.objects.filter(action="sign_in.succeeded", actor_id=agent.public_id).count() == 1


def test_sign_in__next_given__leads_there_afterwards(verifier: object, agent: Staff) -> None:
    client = Client()
    client.post(SIGN_IN, {"email": agent.email, "password": PASSWORD, "next": "/account/?a=1"})
    assert client.post(CODE, {"code": code_of(agent)}).headers["Location"] == "/account/?a=1"


def test_sign_in__next_elsewhere__leads_to_the_desk(verifier: object, agent: Staff) -> None:
    client = Client()
    client.post(SIGN_IN, {"email": agent.email, "password": PASSWORD, "next": "//evil.test/"})
    assert client.post(CODE, {"code": code_of(agent)}).headers["Location"] == "/desk/"


@pytest.mark.parametrize("path", ["/account/", "/desk/", "/admin/"])
def test_half_way__any_page__is_sent_back_to_sign_in(client: Client, password_only: Staff, path: str) -> None:
    response = half_way(client, password_only).get(path, follow=True)
    assert response.request["PATH_INFO"] == SIGN_IN


def test_half_way__api__is_401(client: Client, password_only: Staff) -> None:
    response = half_way(client, password_only).get("/api/v1/tickets/")
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="pharos"'


def test_half_way__changed_password_or_ten_minutes__starts_again(
    verifier: object, password_only: Staff, move_time: Callable[[timedelta], None]
) -> None:
    late, changed = half_way(Client(), password_only), half_way(Client(), password_only)
    move_time(timedelta(minutes=11))
    assert late.post(CODE, {"code": code_of(password_only)}).headers["Location"] == SIGN_IN
    assert not StaffSession.objects.exists()
    move_time(timedelta(minutes=-11))
    password_only.set_password("another password")
    password_only.save(update_fields=["password"])
    assert changed.get(CODE).headers["Location"] == SIGN_IN


@pytest.mark.attack("E4")
def test_sign_in__unknown_inactive_or_wrong__is_one_answer(client: Client, agent: Staff, lead: Staff) -> None:
    Staff.objects.filter(pk=lead.pk).update(is_active=False)
    wrong, unknown = attempt(client, agent.email), attempt(client, "nobody@cast.test")
    inactive = attempt(client, lead.email, PASSWORD)
    assert wrong[0] == 422
    assert wrong == unknown == inactive
    assert b"is not right" in wrong[1]


@pytest.mark.attack("E4")
def test_sign_in__unknown_address__does_the_work_of_a_wrong_password(client: Client, agent: Staff) -> None:
    attempt(client, "warm@cast.test")
    with CaptureQueriesContext(connection) as known:
        attempt(client, agent.email)
    with CaptureQueriesContext(connection) as unknown:
        attempt(client, "nobody@cast.test")
    assert statements(known) == statements(unknown)


@pytest.mark.attack("E4")
def test_sign_in__ten_wrong_passwords__lock_known_and_unknown_alike(client: Client, agent: Staff) -> None:
    answers = {email: [attempt(client, email) for _ in range(11)] for email in (agent.email, "nobody@cast.test")}
    statuses = [[status for status, _ in tries] for tries in answers.values()]
    assert statuses[0] == statuses[1] == [422] * 9 + [429] * 2
    assert attempt(client, agent.email, PASSWORD)[0] == 429


def test_second_factor__wrong_code__says_how_many_tries_are_left(verifier: object, agent: Staff) -> None:
    client = half_way(Client(), agent)
    response = client.post(CODE, {"code": wrong_code(agent)})
    assert response.status_code == 422
    assert "4 tries left" in response.content.decode()
    assert AuditEntry.objects.filter(action="sign_in.failed", object_id=agent.public_id).count() == 1
    assert not StaffSession.objects.exists()


def test_second_factor__five_wrong_codes__locks(verifier: object, agent: Staff) -> None:
    client = half_way(Client(), agent)
    statuses = [client.post(CODE, {"code": wrong_code(agent)}).status_code for _ in range(5)]
    assert statuses == [422] * 4 + [429]
    assert client.post(CODE, {"code": code_of(agent)}).status_code == 429
    assert client.get("/account/").status_code == 302
    told = Notice.objects.get(to_address=agent.email)
    assert "Your password for Pharos was entered" in told.body


def test_recovery__right_code__signs_in_and_is_spent(verifier: object, agent: Staff) -> None:
    codes = recovery_codes.renew(person=agent)
    client = half_way(Client(), agent)
    assert client.post("/sign-in/recovery/", {"code": codes[0]}).status_code == 302
    assert client.get("/account/").status_code == 200
    assert StaffSession.objects.get().method == "recovery"
    assert RecoveryCode.objects.filter(used_at__isnull=False).count() == 1


def test_enrolment__first_sign_in__is_forced_and_hands_out_recovery_codes(verifier: object, agent: Staff) -> None:
    TotpDevice.objects.all().delete()
    client = Client()
    first = client.post(SIGN_IN, {"email": agent.email, "password": PASSWORD})
    assert first.headers["Location"] == "/sign-in/authenticator/"
    assert client.get("/account/").status_code == 302
    assert client.get(CODE).headers["Location"] == "/sign-in/authenticator/"
    secret = TotpDevice.objects.get().secret
    page = client.get("/sign-in/authenticator/").content.decode()
    assert "data:image/svg+xml;base64," in page
    assert secret[:4] in page
    assert TotpDevice.objects.get().secret == secret, "looking at the page changes nothing"

    assert client.post("/sign-in/authenticator/", {"code": wrong_code(agent)}).status_code == 422
    done = client.post("/sign-in/authenticator/", {"code": code_of(agent)})

    assert done.content.decode().count("<li>") >= 10
    assert client.get("/account/").status_code == 200
    assert client.get("/sign-in/authenticator/").status_code == 302
    assert totp.enrolment(person=agent) is None
    assert TotpDevice.objects.get().secret == "", "from its first code on the verifier alone has it"
    assert RecoveryCode.objects.filter(staff=agent).count() == 10


@pytest.mark.parametrize("path", [SIGN_IN, "/password/", "/invitation/x/", "/account/", "/password/abc/x/"])
def test_pages__any__are_never_cached(client: Client, agent: Staff, path: str) -> None:
    if path == "/account/":
        signed_in(client, agent)
    assert "no-store" in client.get(path).headers["Cache-Control"]


@pytest.mark.parametrize("path", ["/sign-out/", "/account/sessions/abc/", "/account/recovery-codes/"])
@pytest.mark.attack("E7")
def test_acts__by_get__are_405(client: Client, agent: Staff, path: str) -> None:
    signed_in(client, agent)
    assert client.get(path).status_code == 405
    assert StaffSession.objects.living().filter(staff=agent).exists()


@pytest.mark.parametrize(
    "path", [SIGN_IN, CODE, "/sign-out/", "/password/", "/account/", "/account/recovery-codes/", "/invitation/x/"]
)
def test_acts__without_the_csrf_token__are_403(agent: Staff, path: str) -> None:
    client = signed_in(Client(enforce_csrf_checks=True), agent)
    assert client.post(path, {"form": "preferences", "theme": "dark"}).status_code == 403


@pytest.mark.attack("E6")
def test_sign_out__posted__ends_the_session_row(client: Client, agent: Staff) -> None:
    signed_in(client, agent)
    client.post("/sign-out/")
    assert StaffSession.objects.get(staff=agent).end_reason == "signed_out"
    assert client.get("/account/").status_code == 302
