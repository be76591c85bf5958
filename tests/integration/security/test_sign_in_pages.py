"""Signing in through the pages, as a person would."""

from django.test import Client

from accounts.models import Staff
from core.models import AuditEntry
from security.models import StaffSession
from tests.cast import PASSWORD, half_way, signed_in
from tests.factories.security import code_of, wrong_code

SIGN_IN = "/sign-in/"


def test_sign_in__both_factors__opens_a_session_under_a_new_key(clone_db: str, agent: Staff) -> None:
    client = Client()
    client.get(SIGN_IN)
    first = client.post(SIGN_IN, {"email": "Agent@Cast.test ", "password": PASSWORD})
    assert first.headers["Location"] == "/sign-in/code/"
    half_way_key = client.session.session_key

    second = client.post("/sign-in/code/", {"code": code_of(agent)})

    assert second.status_code == 302
    assert client.session.session_key != half_way_key
    assert client.get("/account/").status_code == 200
    assert StaffSession.objects.get(staff=agent).method == "totp"
    assert AuditEntry.objects.filter(action="sign_in.succeeded", actor_id=agent.public_id).count() == 1
