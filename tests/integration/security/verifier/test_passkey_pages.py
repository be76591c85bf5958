"""Passkeys of staff through the pages, with the real verifier: adding, signing in, ending, and what is refused."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, override_settings

from accounts.models import Staff
from core.models import AuditEntry, Notice
from security.models import StaffFactor, StaffSession
from security.services import invitations, passkeys
from security.services.invitations import Invited
from security.services.totp import STEP_S
from security.verifier.configuration import Configuration
from security.verifier_client import ask
from tests.cast import PASSWORD, half_way, open_session, signed_in
from tests.factories.security import code_of, wrong_code
from tests.integration.security.verifier.conftest import Enrol
from tests.support.authenticator import MAY_BE_COPIED, USER_PRESENT, Authenticator
from tests.support.verifier import SITE

PROVE, ADD, SIGN_IN = "/account/passkeys/proof/", "/account/passkeys/", "/sign-in/passkey/"
NEW = {"name": "Ada", "password": "nine green herons fly", "password_again": "nine green herons fly"}
Move = Callable[[timedelta], None]


def options(client: Client, path: str) -> dict[str, Any]:
    answer = client.post(f"{path}options/")
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()["options"]
    return found


def prove(client: Client, key: Authenticator) -> int:
    return client.post(PROVE, {"response": key.get(options(client, PROVE))}).status_code


def add(client: Client, key: Authenticator, label: str = "Laptop") -> int:
    return client.post(ADD, {"response": key.create(options(client, ADD)), "label": label}).status_code


def living(person: Staff) -> list[str]:
    return list(StaffFactor.objects.living().passkeys().filter(staff=person).values_list("label", flat=True))


def path_of(invited: Invited) -> str:
    return invited.link.removeprefix(settings.SITE_URL)


def actions(person: Staff) -> list[str]:
    return list(AuditEntry.objects.filter(object_id=person.public_id).order_by("id").values_list("action", flat=True))


def is_open(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def test_passkey__first_one_after_a_code__is_kept_recorded_and_told(verifier: object, agent: Staff) -> None:
    client = signed_in(Client(), agent)
    key_before = client.session.session_key
    assert client.post(PROVE, {"code": code_of(agent)}).status_code == 302
    assert client.session.session_key != key_before

    assert add(client, Authenticator(SITE)) == 302

    assert living(agent) == ["Laptop"]
    assert actions(agent)[-2:] == ["passkey.enrolment_started", "passkey.enrolled"]
    told = Notice.objects.get(kind="staff_security", to_address=agent.email)
    assert "A passkey was added" in told.body
    assert "Laptop" in told.body
    page = client.get("/account/").content.decode()
    assert "Laptop" in page
    assert "Stays on its device" in page


def test_passkey__without_a_proof__is_not_begun_nor_kept(verifier: object, agent: Staff) -> None:
    client = signed_in(Client(), agent)
    assert client.post(f"{ADD}options/").status_code == 409
    begun = ask("staff.passkey.begin", staff=agent.pk, name=agent.email)
    assert client.post(ADD, {"response": Authenticator(SITE).create(begun["options"])}).status_code == 302
    assert living(agent) == []


def test_proof__wrong_code__is_refused_and_recorded(verifier: object, agent: Staff) -> None:
    client = signed_in(Client(), agent)
    client.post(PROVE, {"code": wrong_code(agent)})
    assert client.post(f"{ADD}options/").status_code == 409
    assert actions(agent)[-1] == "passkey.proof_failed"


def test_proof__code_of_somebody_with_a_passkey__is_refused(agent: Staff, enrol: Enrol) -> None:
    enrol(agent)
    client = signed_in(Client(), agent)
    client.post(PROVE, {"code": code_of(agent)})
    assert client.post(f"{ADD}options/").status_code == 409


def test_proof__five_minutes_later__is_over(agent: Staff, enrol: Enrol, move_time: Move) -> None:
    key = enrol(agent)
    client = signed_in(Client(), agent)
    prove(client, key)
    assert client.post(f"{ADD}options/").status_code == 200
    move_time(timedelta(minutes=5, seconds=1))
    assert client.post(f"{ADD}options/").status_code == 409


def test_proof__of_another_browser__opens_nothing_here(agent: Staff, enrol: Enrol) -> None:
    key = enrol(agent)
    here, elsewhere = signed_in(Client(), agent), signed_in(Client(), agent)
    response = key.get(options(elsewhere, PROVE))
    here.post(PROVE, {"response": response})
    assert here.post(f"{ADD}options/").status_code == 409


def test_proof__used_for_one_passkey__is_not_good_for_a_second(agent: Staff, enrol: Enrol) -> None:
    key = enrol(agent)
    client = signed_in(Client(), agent)
    prove(client, key)
    add(client, Authenticator(SITE), "Phone")
    assert living(agent) == ["Key", "Phone"]
    assert client.post(f"{ADD}options/").status_code == 409


def test_end__one_of_two__ends_it_and_every_other_session(agent: Staff, enrol: Enrol) -> None:
    key = enrol(agent)
    client, other = signed_in(Client(), agent), signed_in(Client(), agent)
    prove(client, key)
    add(client, Authenticator(SITE, flags=0x05 | MAY_BE_COPIED), "Phone")
    prove(client, key)
    phone = StaffFactor.objects.get(label="Phone")

    assert client.post(f"{ADD}{phone.public_id}/end/").status_code == 302

    assert living(agent) == ["Key"]
    assert is_open(client)
    assert not is_open(other)
    assert StaffSession.objects.filter(staff=agent, end_reason="passkey_ended").count() == 1
    assert "A passkey of your Pharos account was ended" in Notice.objects.latest("pk").body


def test_end__the_only_one__is_refused_and_says_why(agent: Staff, enrol: Enrol) -> None:
    key = enrol(agent)
    client = signed_in(Client(), agent)
    prove(client, key)
    factor = StaffFactor.objects.get(staff=agent)
    page = client.post(f"{ADD}{factor.public_id}/end/", follow=True).content.decode()
    assert "This is your only passkey" in page
    assert living(agent) == ["Key"]


def test_end__without_a_proof_or_of_another__changes_nothing(agent: Staff, lead: Staff, enrol: Enrol) -> None:
    key = enrol(agent)
    enrol(lead)
    client = signed_in(Client(), agent)
    own, theirs = (StaffFactor.objects.get(staff=person) for person in (agent, lead))
    assert client.post(f"{ADD}{own.public_id}/end/").status_code == 302
    prove(client, key)
    assert client.post(f"{ADD}{theirs.public_id}/end/").status_code == 404
    assert living(agent) == living(lead) == ["Key"]


@pytest.mark.attack("E6")
def test_sign_in__passkey_after_the_password__opens_a_session_by_webauthn(agent: Staff, enrol: Enrol) -> None:
    key = enrol(agent)
    client = Client()
    first = client.post("/sign-in/", {"email": agent.email, "password": PASSWORD, "next": "/account/?a=1"})
    assert first.headers["Location"] == SIGN_IN
    half_way_key = client.session.session_key

    done = client.post(SIGN_IN, {"response": key.get(options(client, SIGN_IN))})

    assert done.headers["Location"] == "/account/?a=1"
    assert client.session.session_key != half_way_key
    assert StaffSession.objects.get(staff=agent).method == "webauthn"
    assert AuditEntry.objects.get(action="sign_in.succeeded").detail["method"] == "webauthn"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda key: setattr(key, "origin", "http://evil.test"),
        lambda key: setattr(key, "flags", USER_PRESENT),
        lambda key: setattr(key, "key", Authenticator("").key),
    ],
    ids=["origin", "not verified", "key"],
)
def test_sign_in__wrong_answer__is_refused_and_recorded(
    agent: Staff, enrol: Enrol, spoil: Callable[[Authenticator], None]
) -> None:
    key = enrol(agent)
    client = half_way(Client(), agent)
    spoil(key)
    answer = client.post(SIGN_IN, {"response": key.get(options(client, SIGN_IN))})
    assert answer.status_code == 422
    assert "This was not accepted" in answer.content.decode()
    assert not is_open(client)
    assert AuditEntry.objects.get(action="sign_in.failed").detail == {"factor": "webauthn", "is_locked": False}


def test_sign_in__answer_used_or_of_another_browser__is_refused(agent: Staff, enrol: Enrol) -> None:
    key = enrol(agent)
    here, elsewhere = half_way(Client(), agent), half_way(Client(), agent)
    response = key.get(options(elsewhere, SIGN_IN))
    assert here.post(SIGN_IN, {"response": response}).status_code == 422
    assert elsewhere.post(SIGN_IN, {"response": response}).status_code == 302
    assert here.post(SIGN_IN, {"response": response}).status_code == 422


def test_sign_in__five_wrong_answers__locks(agent: Staff, enrol: Enrol) -> None:
    key = enrol(agent)
    client = half_way(Client(), agent)
    key.origin = "http://evil.test"
    for _ in range(5):
        assert client.post(SIGN_IN, {"response": key.get(options(client, SIGN_IN))}).status_code == 422
    key.origin = SITE
    assert client.post(SIGN_IN, {"response": key.get(options(client, SIGN_IN))}).status_code == 429
    assert not is_open(client)


def test_sign_in__code_instead__is_taken_and_offered(agent: Staff, verifier: object, move_time: Move) -> None:
    first = signed_in(Client(), agent)
    first.post(PROVE, {"code": code_of(agent)})
    add(first, Authenticator(SITE))
    client = half_way(Client(), agent)
    assert "/sign-in/code/" in client.get(SIGN_IN).content.decode()
    assert SIGN_IN in client.get("/sign-in/code/").content.decode()
    move_time(timedelta(seconds=STEP_S))
    assert client.post("/sign-in/code/", {"code": code_of(agent)}).status_code == 302
    assert is_open(client)


def test_sign_in__without_a_passkey__goes_by_code_and_asks_no_verifier(agent: Staff) -> None:
    client = half_way(Client(), agent)
    assert client.post(f"{SIGN_IN}options/").status_code == 409
    assert client.get(SIGN_IN).headers["Location"] == "/sign-in/code/", "nobody without a passkey is asked for one"


def test_sign_in__verifier_stopped_meanwhile__is_503_and_not_counted(
    agent: Staff, enrol: Enrol, verifier: Configuration
) -> None:
    key = enrol(agent)
    client = half_way(Client(), agent)
    begun = options(client, SIGN_IN)

    with override_settings(VERIFIER_SOCKET=f"{verifier.socket_path}.away"):
        answer = client.post(SIGN_IN, {"response": key.get(begun)})
        problem = client.post(f"{SIGN_IN}options/")

    assert answer.status_code == 503
    assert "cannot be checked right now" in answer.content.decode()
    assert problem.status_code == 503
    assert "cannot be checked right now" in problem.json()["detail"]
    assert not AuditEntry.objects.filter(action="sign_in.failed").exists()


def test_enrolment__of_an_authenticator__is_no_way_round_a_passkey(agent: Staff, enrol: Enrol) -> None:
    enrol(agent)
    agent.totp.delete()
    client = half_way(Client(), agent)
    assert client.get("/sign-in/authenticator/", follow=True).request["PATH_INFO"] == SIGN_IN


def test_invitation__accepted__ends_the_former_passkeys(agent: Staff, admin: Staff, enrol: Enrol) -> None:
    enrol(agent)
    invited = invitations.invite(person=agent, invited_by=admin)

    answer = Client().post(path_of(invited), NEW)

    assert answer.headers["Location"] == "/sign-in/authenticator/"
    assert living(agent) == []


def test_invitation__verifier_away__stays_open(
    agent: Staff, admin: Staff, enrol: Enrol, verifier: Configuration
) -> None:
    enrol(agent)
    invited = invitations.invite(person=agent, invited_by=admin)

    with override_settings(VERIFIER_SOCKET=f"{verifier.socket_path}.away"):
        answer = Client().post(path_of(invited), NEW)

    assert answer.status_code == 503
    invited.invitation.refresh_from_db()
    assert invited.invitation.used_at is None
    assert living(agent) == ["Key"]


def test_administrator__ends_all_passkeys__a_new_one_counts_a_day_later(
    agent: Staff, admin: Staff, enrol: Enrol, move_time: Move
) -> None:
    enrol(agent)
    _, session = open_session(agent)
    client = signed_in(Client(), admin)
    data = {"action": "end_passkeys", "_selected_action": [str(agent.pk)]}

    client.post("/admin/accounts/staff/", data)

    assert living(agent) == []
    session.refresh_from_db()
    assert session.end_reason == "factors_ended"
    entry = AuditEntry.objects.get(action="passkey.ended")
    assert (entry.actor_id, entry.object_id) == (admin.public_id, agent.public_id)
    assert "Every passkey of your Pharos account was ended" in Notice.objects.get(kind="staff_security").body
    agent.refresh_from_db()
    client = signed_in(Client(), agent)
    client.post(PROVE, {"code": code_of(agent)})
    add(client, Authenticator(SITE))
    assert "counts for funds from" in client.get("/account/").content.decode()
    move_time(timedelta(hours=24, seconds=1))
    assert "counts for funds from" not in signed_in(Client(), agent).get("/account/").content.decode()


def test_end_all__nobody_has_one__asks_nobody(agent: Staff) -> None:
    assert passkeys.end_all(person=agent, actor=agent.actor) == 0
