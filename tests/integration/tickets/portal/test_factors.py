"""Customers add passkeys and authenticators: the exchange decides, the verifier keeps, every old address is told."""

import json
import re
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client, RequestFactory, override_settings
from django.urls import reverse

from accounts.models import CustomerAddress
from core import clock
from core.clock import DatabaseNow
from core.models import AuditEntry, Notice
from security.exchange import client as exchange_client
from security.models import CustomerFactor, CustomerSession, FactorToKeep
from security.services import customer_factors, customer_sessions
from tests.factories.customers import open_portal, portal_customer
from tests.support.authenticator import Authenticator
from tests.support.exchange import ORIGIN
from tests.support.portal_scene import Scene

OPTIONS, PASSKEY = "/portal/security/passkey/options/", "/portal/security/passkey/"
CODES, CODE = "/portal/security/authenticator/", "/portal/security/authenticator/code/"


def begun(client: Client) -> dict[str, Any]:
    """Return what the browser is given."""
    answer = client.post(OPTIONS)
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def add(scene: Scene, key: Authenticator | None = None, label: str = "my phone") -> Any:
    """Add a passkey as a browser does."""
    given = begun(scene.client)
    response = (key or Authenticator(ORIGIN)).create(given["options"])
    return scene.client.post(PASSKEY, {"label": label, "response": response, **given["fields"]})


def words(answer: Any) -> str:
    """Return what the page says, entities and lines apart."""
    return " ".join(answer.content.decode().replace("&#x27;", "'").split())


def told() -> list[tuple[str, str]]:
    """Whom the mails of security went to, and how each begins."""
    rows = Notice.objects.filter(kind="customer_security").order_by("pk")
    return [(row.to_address, row.body.split(". ")[0]) for row in rows]


def test_passkey__added__is_kept_by_both_listed_and_told_to_every_old_address(scene: Scene) -> None:
    CustomerAddress.objects.create(
        customer=scene.customer, value="old@example.com", proof="exchange", proven_at=DatabaseNow(), is_bouncing=True
    )
    assert add(scene).status_code == 302
    factor = CustomerFactor.objects.get(customer=scene.customer)
    assert (factor.method, factor.label, factor.exchange_id[:4]) == ("webauthn", "my phone", "fac_")
    assert factor.counts_from - factor.enrolled_at >= timedelta(hours=72)
    page = words(scene.client.get("/portal/security/"))
    assert "my phone" in page
    assert "Counts for funds from" in page
    assert factor.exchange_id in page
    begins = "A passkey was added to your support account"
    assert told() == [("mina@example.com", begins), ("old@example.com", begins)]
    steps = AuditEntry.objects.filter(object_id=scene.customer.public_id).values_list("action", flat=True)
    assert {"customer.factor_accepted", "customer.factor_added", "customer.told"} <= set(steps)


def test_passkey__a_second_one__needs_no_more_and_waits_again(scene: Scene) -> None:
    add(scene)
    assert add(scene, label="").status_code == 302
    assert CustomerFactor.objects.filter(counts_from__gt=DatabaseNow()).count() == 2


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"auth_time": timedelta(minutes=11)}, "within the last ten minutes"),
        ({"amr": ["pwd"]}, "with a password alone"),
    ],
)
def test_passkey__without_a_fresh_sign_in_by_two_factors__is_not_begun(
    scene: Scene, changed: dict[str, Any], sentence: str
) -> None:
    session = CustomerSession.objects.get()
    values = {name: session.auth_time - value if name == "auth_time" else value for name, value in changed.items()}
    key = Authenticator(ORIGIN)
    given = begun(scene.client)
    # The app's role may not change what a session stands on.
    with connection.cursor() as cursor, pytest.raises(Exception, match="permission denied"):
        cursor.execute("UPDATE security_customersession SET amr = '{}'")
    reopened(scene, **values)
    page = scene.client.get(PASSKEY)
    assert sentence in words(page)
    assert "fresh=1" in page.content.decode()
    assert scene.client.post(OPTIONS).status_code == 422
    answer = scene.client.post(PASSKEY, {"response": key.create(given["options"]), **given["fields"]})
    assert answer.status_code == 422
    assert not CustomerFactor.objects.exists()


def reopened(scene: Scene, **values: Any) -> None:
    """Sign in with another time, or other factors, at the exchange."""
    given = {"auth_time": clock.now(), "amr": ("pwd", "otp", "mfa"), **values}
    opened = customer_sessions.open_session(
        request=RequestFactory().get("/"),
        customer=scene.customer,
        auth_time=given["auth_time"],
        amr=tuple(given["amr"]),
    )
    scene.client.cookies[settings.PORTAL_COOKIE_NAME] = opened.token


def test_to_exchange__for_a_fresh_sign_in__asks_for_one_and_comes_back(scene: Scene) -> None:
    page = scene.client.get(f"{reverse('portal:to_exchange')}?next={PASSKEY}&fresh=1")
    assert "max_age=60" in page.headers["Location"]
    assert "max_age" not in scene.client.get(reverse("portal:to_exchange")).headers["Location"]


def test_passkey__exchange_away__says_so_and_changes_nothing(scene: Scene) -> None:
    with override_settings(EXCHANGE_URL="http://127.0.0.1:1"):
        answer = scene.client.post(OPTIONS)
    assert answer.status_code == 422
    assert "The exchange does not answer" in answer.json()["detail"]
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_passkey__verifier_away_at_the_end__is_kept_when_it_is_back(scene: Scene) -> None:
    given = begun(scene.client)
    response = Authenticator(ORIGIN).create(given["options"])
    with override_settings(VERIFIER_SOCKET="/nowhere/verifier.sock"):
        assert scene.client.post(OPTIONS).status_code == 422
        answer = scene.client.post(PASSKEY, {"response": response, **given["fields"]}, follow=True)
        assert customer_factors.keep_waiting() == 0
    assert "still storing it" in words(answer)
    assert "still being stored" in words(answer)
    assert (FactorToKeep.objects.count(), CustomerFactor.objects.count()) == (1, 0)

    assert customer_factors.keep_waiting() == 1
    assert customer_factors.keep_waiting() == 0
    assert (FactorToKeep.objects.count(), CustomerFactor.objects.count()) == (0, 1)
    assert len(told()) == 1


def test_passkey__kept_and_the_answer_lost__is_kept_once(scene: Scene) -> None:
    add(scene)
    row = CustomerFactor.objects.get()
    with connection.cursor() as cursor, pytest.raises(Exception, match="permission denied"):
        cursor.execute("SELECT credential_id FROM security_factorsecret")
    made = {"credential_id": "AAAA", "public_key": "AAAA", "device_type": "single_device", "sign_count": 0}
    waiting = FactorToKeep(customer=scene.customer, exchange_id=row.exchange_id, **made)
    waiting.save(force_insert=True)
    assert customer_factors.keep(row=waiting)
    waiting.pk = None
    waiting.save(force_insert=True)
    assert customer_factors.keep(row=waiting)
    assert CustomerFactor.objects.count() == 2


def test_passkey__answer_of_another_challenge__is_refused_by_the_exchange(scene: Scene) -> None:
    first, second = begun(scene.client), begun(scene.client)
    response = Authenticator(ORIGIN).create(first["options"])
    answer = scene.client.post(PASSKEY, {"response": response, **second["fields"]})
    assert answer.status_code == 422
    assert not CustomerFactor.objects.exists()


@pytest.mark.parametrize("response", ["", "no json", "[]", "{}"])
def test_passkey__no_answer_of_a_browser__is_422(scene: Scene, response: str) -> None:
    given = begun(scene.client)
    assert scene.client.post(PASSKEY, {"response": response, **given["fields"]}).status_code == 422


def test_passkey__account_bound_to_somebody_else__is_told(scene: Scene) -> None:
    key = Authenticator(ORIGIN)
    account = scene.running.accounts[0]
    theirs = exchange_client.post(f"/accounts/{account}/factors/options", {"pharos_customer": "another"}).body
    exchange_client.post(
        f"/accounts/{account}/factors",
        {
            "registration_id": theirs["registration_id"],
            "response": json.loads(key.create(theirs["options"])),
            "origin": ORIGIN,
        },
    )
    answer = scene.client.post(OPTIONS)
    assert "joined this account with another" in answer.json()["detail"]


def code_of(scene: Scene, secret: str) -> str:
    """Return the code of a step that has just begun."""
    scene.set_clock(timedelta())
    scene.set_clock(timedelta(seconds=31 - clock.now().timestamp() % 30))
    return pyotp.TOTP(secret).at(clock.now())


def secret_on(page: Any) -> tuple[str, str]:
    """Return the secret as it is shown, and the sealed name of its ceremony."""
    text = page.content.decode()
    groups = re.findall(r"<span>([A-Z2-7]{4})</span>", text)
    found = re.search(r'name="ceremony" value="([^"]+)"', text)
    assert found
    return "".join(groups), found[1]


def test_authenticator__added_after_a_passkey__is_kept_and_told(scene: Scene) -> None:
    assert "Add a passkey first" in words(scene.client.get(CODES))
    assert scene.client.post(CODES).status_code == 422
    add(scene)
    secret, ceremony = secret_on(scene.client.post(CODES))
    code = code_of(scene, secret)
    assert scene.client.post(CODE, {"ceremony": ceremony, "code": f"{code[:3]} {code[3:]}"}).status_code == 302
    assert CustomerFactor.objects.filter(method="totp").count() == 1
    assert told()[-1][1] == "An authenticator app was added to your support account"
    assert "Authenticator app" in words(scene.client.get("/portal/security/"))
    # The page that shows it is not opened again by going back.
    assert scene.client.post(CODE, {"ceremony": ceremony, "code": code}).status_code == 422


def test_authenticator__wrong_code__shows_a_new_secret(scene: Scene) -> None:
    add(scene)
    secret, ceremony = secret_on(scene.client.post(CODES))
    wrong = "000000" if code_of(scene, secret) != "000000" else "000001"
    page = scene.client.post(CODE, {"ceremony": ceremony, "code": wrong})
    assert page.status_code == 422
    assert "no longer works" in words(page)
    assert secret_on(page)[0] != secret
    assert not CustomerFactor.objects.filter(method="totp").exists()


def test_authenticator__ceremony_of_another_customer__is_refused(scene: Scene) -> None:
    add(scene)
    secret, ceremony = secret_on(scene.client.post(CODES))
    other = Client()
    open_portal(other, portal_customer(account_id=scene.running.accounts[1], email="eve@example.com"))
    answer = other.post(CODE, {"ceremony": ceremony, "code": code_of(scene, secret)})
    assert answer.status_code == 422
    assert not CustomerFactor.objects.filter(method="totp").exists()
