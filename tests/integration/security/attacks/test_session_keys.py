"""E6: the key of a session is in its cookie and nowhere else: in no address, no page, no log, and not in the database's rows."""

import http.client
import logging
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from accounts.models import Staff
from tests.cast import open_session, signed_in
from tests.factories.accounts import PASSWORD, StaffFactory
from tests.factories.security import TotpDeviceFactory, code_of
from tests.factories.tickets import mail_ticket
from tests.support.system import RunningSystem

PATHS = (
    "/desk/",
    "/desk/views/open/",
    "/account/",
    "/api/v1/tickets/",
    "/admin/",
    "/no-such-page/",
    "/desk/rows/?after=x",
)


@pytest.mark.attack("E6")
@pytest.mark.xdist_group("system")
def test_running_system__signed_in_and_refused__writes_the_key_into_no_log(
    running_system: RunningSystem, system_db: str
) -> None:
    who: Staff = StaffFactory.create(role="admin")
    key, _row = open_session(who)
    cookie = {
        "Cookie": f"{settings.SESSION_COOKIE_NAME}={key}",
        "Host": f"localhost:{running_system.running.values['PORT']}",
    }
    client = http.client.HTTPConnection("127.0.0.1", int(running_system.running.values["PORT"]), timeout=30)
    seen = []
    for path in PATHS:
        client.request("GET", path, headers=cookie)
        answer = client.getresponse()
        seen.append((answer.status, answer.read().decode("utf-8", "replace") + str(answer.headers.get("Location"))))
    client.request("POST", "/account/", urlencode({"form": "preferences"}), cookie)
    seen.append((client.getresponse().status, ""))
    client.close()

    assert [status for status, _said in seen] == [302, 200, 200, 200, 200, 404, 400, 403]
    assert not any(key in said for _status, said in seen)
    logs = {
        path.name: path.read_text(encoding="utf-8", errors="replace")
        for path in running_system.running.places.log.glob("*.log")
    }
    assert logs
    assert [name for name, text in logs.items() if key in text] == []


@pytest.mark.attack("E6")
def test_signing_in__key_before_between_and_after__differ_and_stay_in_the_cookie(
    verifier: object, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    who: Staff = StaffFactory.create()
    TotpDeviceFactory.create(staff=who)
    client, keys, said = Client(), [], ""
    client.cookies[settings.SESSION_COOKIE_NAME] = "f" * 32  # chosen by somebody else
    for path, data in (
        ("/sign-in/", {"email": who.email, "password": PASSWORD}),
        ("/sign-in/code/", {"code": code_of(who)}),
    ):
        answer = client.post(path, data)
        said += answer.headers.get("Location", "") + answer.content.decode()
        keys.append(client.cookies[settings.SESSION_COOKIE_NAME].value)
    said += client.get("/account/").content.decode()

    assert len({"f" * 32, *keys}) == 3
    assert not any(key in said + caplog.text for key in keys)
    with connection.cursor() as cursor:
        cursor.execute("SELECT s::text FROM security_staffsession s")
        rows = str(cursor.fetchall())
    assert not any(key in rows for key in keys)


@pytest.mark.attack("E6")
def test_session__key_in_the_address__opens_nothing(client: Client, agent: Staff) -> None:
    mail_ticket()
    key = signed_in(Client(), agent).cookies[settings.SESSION_COOKIE_NAME].value
    for name in (settings.SESSION_COOKIE_NAME, "sessionid", "PHPSESSID", "session", "sid"):
        assert client.get("/account/", {name: key}).status_code == 302
        assert client.get(f"/account/;{name}={key}").status_code in {302, 404}


@pytest.mark.attack("E6")
def test_cookie__of_a_session__is_shut_to_scripts_and_other_sites(verifier: object) -> None:
    who: Staff = StaffFactory.create()
    TotpDeviceFactory.create(staff=who)
    client = Client()
    client.post("/sign-in/", {"email": who.email, "password": PASSWORD})
    cookie = client.post("/sign-in/code/", {"code": code_of(who)}).cookies[settings.SESSION_COOKIE_NAME]

    assert (bool(cookie["httponly"]), cookie["samesite"], cookie["domain"]) == (True, "Lax", "")
