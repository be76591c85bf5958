"""Invitation and reset links against those who guess, reuse, wait and pretend (attacks E1, E2, E4)."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Staff
from core.models import AuditEntry, Notice
from security.models import Invitation, StaffSession, TotpDevice
from security.services import invitations, password_reset
from tests.cast import PASSWORD, open_session, signed_in
from tests.factories.security import code_of
from tests.integration.security.test_sign_in_pages import CSRF, statements

Move = Callable[[timedelta], None]
NEW = "nine green herons fly"
TWICE = {"password": NEW, "password_again": NEW}


def path_of(link: str) -> str:
    return link.removeprefix(settings.SITE_URL)


def invite(admin: Staff, email: str = "new@cast.test") -> str:
    invited = invitations.add_person(email=email, name="New Person", role="agent", invited_by=admin)
    return path_of(invited.link)


def reset_link(person: Staff) -> str:
    password_reset.request(email=person.email, language="en")
    found = re.search(r"https?://\S+", Notice.objects.filter(to_address=person.email).latest("pk").body)
    assert found
    return found[0]


def test_invitation__accepted__leads_through_enrolment_to_a_session(verifier: object, admin: Staff) -> None:
    client, path = Client(), invite(admin)
    assert "New Person" not in client.get(path).headers
    answer = client.post(path, {**TWICE, "name": "Nia New", "role": "admin", "is_active": "1"})
    assert answer.headers["Location"] == "/sign-in/authenticator/"
    assert client.get("/account/").status_code == 302
    person = Staff.objects.get(email="new@cast.test")
    assert (person.name, person.role) == ("Nia New", "agent")
    client.post("/sign-in/authenticator/", {"code": code_of(person)})
    assert client.get("/account/").status_code == 200


@pytest.mark.attack("E7")
def test_invitation__opened__changes_nothing(client: Client, admin: Staff) -> None:
    path = invite(admin)
    for _ in range(3):
        assert client.get(path).status_code == 200
    assert Invitation.objects.get().used_at is None


@pytest.mark.attack("E1")
def test_invitation__used_again__is_refused(client: Client, admin: Staff) -> None:
    path = invite(admin)
    client.post(path, {**TWICE, "name": "A"})
    assert client.post(path, {**TWICE, "name": "B"}).status_code == 410
    assert Staff.objects.get(email="new@cast.test").name == "A"


@pytest.mark.attack("E1")
def test_invitation__used_twice_at_once__is_accepted_once(
    clone_db: str, admin: Staff, race: Callable[..., list[Any]]
) -> None:
    token = invite(admin).split("/")[2]
    outcomes = race(*[lambda: invitations.accept(token=token, name="A", password=NEW)] * 4)
    assert sum(isinstance(outcome, Staff) for outcome in outcomes) == 1


@pytest.mark.parametrize("forge", ["", "%20", "x", "upper", "digest"])
@pytest.mark.attack("E1")
def test_invitation__empty_blank_wrong_case_or_the_hash_itself__is_refused(
    client: Client, admin: Staff, forge: str
) -> None:
    token = invite(admin).split("/")[2]
    forged = {"upper": token.swapcase(), "digest": Invitation.objects.get().digest}.get(forge, forge)
    assert client.post(f"/invitation/{forged}/", {**TWICE, "name": "A"}).status_code in {404, 410}
    assert not Staff.objects.get(email="new@cast.test").has_usable_password()


@pytest.mark.attack("E1")
def test_invitation__after_a_day__is_refused(clone_db: str, admin: Staff, move_time: Move) -> None:
    path = invite(admin)
    move_time(timedelta(hours=23, minutes=59))
    assert Client().get(path).status_code == 200
    move_time(timedelta(hours=1, minutes=1))
    assert Client().get(path).status_code == 410
    assert Client().post(path, {**TWICE, "name": "A"}).status_code == 410


@pytest.mark.attack("E1")
def test_links__password_changed_on_the_account_page__open_nothing_any_more(
    clone_db: str, admin: Staff, agent: Staff
) -> None:
    invitation, reset = path_of(invitations.invite(person=agent, invited_by=admin).link), path_of(reset_link(agent))
    form = {"form": "password", "current": PASSWORD, **TWICE}
    assert signed_in(Client(), agent).post("/account/", form).status_code == 302

    other = {"password": "seven purple swans sing", "password_again": "seven purple swans sing", "name": "Mallory"}
    assert [Client().post(path, other).status_code for path in (invitation, reset)] == [410, 410]
    agent.refresh_from_db()
    assert agent.check_password(NEW)


@pytest.mark.attack("E1")
@pytest.mark.parametrize("forged", ["", " ", "\t", "0", "None", "null", "%00"])
def test_links__empty_digest_in_the_database__matches_no_token(db: None, admin: Staff, forged: str) -> None:
    invite(admin)
    Invitation.objects.update(revoked_at=None)
    with (
        connection.cursor() as cursor,
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
    ):
        cursor.execute("UPDATE security_invitation SET digest = ''")
    assert invitations.find(token=forged) is None
    assert password_reset.person_of(public_id=forged, token=forged) is None
    assert password_reset.person_of(public_id=admin.public_id, token=forged) is None


@pytest.mark.attack("E1")
def test_invitation__revoked_or_replaced_or_person_gone__is_refused(client: Client, admin: Staff) -> None:
    revoked, replaced, gone = (invite(admin, f"{name}@cast.test") for name in ("revoked", "replaced", "gone"))
    invitations.revoke(invitation=Invitation.objects.get(staff__email="revoked@cast.test"), revoked_by=admin)
    invitations.invite(person=Staff.objects.get(email="replaced@cast.test"), invited_by=admin)
    Staff.objects.filter(email="gone@cast.test").update(is_active=False)
    assert [client.get(path).status_code for path in (revoked, replaced, gone)] == [410] * 3


def test_invitation__weak_or_mistyped_password__is_refused(client: Client, admin: Staff) -> None:
    path = invite(admin)
    weak = {"name": "A", "password": "lighthouse", "password_again": "lighthouse"}
    assert client.post(path, weak).status_code == 422
    assert client.post(path, {"name": "A", "password": NEW, "password_again": "x"}).status_code == 422
    assert Invitation.objects.get().used_at is None


def test_invitation__of_somebody_again__replaces_password_and_factor(clone_db: str, admin: Staff, agent: Staff) -> None:
    _, row = open_session(agent)
    path = path_of(invitations.invite(person=agent, invited_by=admin).link)
    assert TotpDevice.objects.filter(staff=agent, confirmed_at__isnull=False).exists()
    Client().post(path, {**TWICE, "name": agent.name})
    assert not TotpDevice.objects.filter(staff=agent, confirmed_at__isnull=False).exists()
    assert not StaffSession.objects.living().filter(pk=row.pk).exists()


@pytest.mark.attack("E1")
def test_invitation__stored__only_as_a_hash_and_mailed_encrypted(client: Client, admin: Staff) -> None:
    token = invite(admin).split("/")[2]
    with connection.cursor() as cursor:
        cursor.execute("SELECT i::text, n::text FROM security_invitation i, core_notice n")
        rows = cursor.fetchall()
    assert rows
    assert all(token not in text for row in rows for text in row)
    assert token in Notice.objects.get().body


def test_add_person__known_address__is_refused(admin: Staff, agent: Staff) -> None:
    with pytest.raises(IntegrityError):
        invitations.add_person(email="AGENT@cast.test", name="Twin", role="admin", invited_by=admin)


def test_reset__completed__ends_sessions_and_still_asks_for_the_code(clone_db: str, agent: Staff) -> None:
    client = signed_in(Client(), agent)
    path = path_of(reset_link(agent))
    assert Client().get(path).status_code == 200
    assert client.get("/account/").status_code == 200, "opening the link changes nothing"
    assert Client().post(path, TWICE).headers["Location"] == "/sign-in/"
    assert client.get("/account/").status_code == 302
    again = Client()
    assert again.post("/sign-in/", {"email": agent.email, "password": PASSWORD}).status_code == 422
    assert again.post("/sign-in/", {"email": agent.email, "password": NEW}).headers["Location"] == "/sign-in/code/"
    assert again.get("/account/").status_code == 302


@pytest.mark.attack("E1")
def test_reset__used_again_or_forged_or_for_another__is_refused(client: Client, agent: Staff, lead: Staff) -> None:
    path = path_of(reset_link(agent))
    prefix, token = path.rstrip("/").rsplit("/", 1)
    for forged in (f"{prefix}/%20/", f"{prefix}/{token.swapcase()}/", f"/password/{lead.public_id}/{token}/",
                   f"{prefix}/{token[:-1]}/", f"/password/%20/{token}/"):  # fmt: skip
        assert client.post(forged, TWICE).status_code in {404, 410}
    assert client.post(path, TWICE).status_code == 302
    assert client.post(path, TWICE).status_code == 410


@pytest.mark.attack("E1")
def test_reset__after_an_hour__is_refused(clone_db: str, agent: Staff, move_time: Move) -> None:
    path = path_of(reset_link(agent))
    move_time(timedelta(minutes=61))
    assert Client().get(path).status_code == 410
    assert Client().post(path, TWICE).status_code == 410


@pytest.mark.attack("E1")
def test_reset__password_changed_meanwhile__is_refused(client: Client, agent: Staff) -> None:
    path = path_of(reset_link(agent))
    agent.set_password("yet another password")
    agent.save(update_fields=["password"])
    assert client.post(path, TWICE).status_code == 410


@pytest.mark.attack("E4")
def test_forgot__known_unknown_inactive_invited__is_one_answer(
    client: Client, agent: Staff, lead: Staff, admin: Staff
) -> None:
    Staff.objects.filter(pk=lead.pk).update(is_active=False)
    invite(admin, "invited@cast.test")
    emails = [agent.email, "nobody@cast.test", lead.email, "invited@cast.test"]
    before = Notice.objects.count()
    answers = [client.post("/password/", {"email": email}) for email in emails]
    assert len({(answer.status_code, CSRF.sub(b"", answer.content)) for answer in answers}) == 1
    assert Notice.objects.count() == before + 1
    assert AuditEntry.objects.filter(action="password_reset.requested").count() >= 4


@pytest.mark.attack("E4")
def test_forgot__unknown_address__does_the_work_of_a_known_one(client: Client, agent: Staff) -> None:
    client.post("/password/", {"email": "warm@cast.test"})
    with CaptureQueriesContext(connection) as known:
        client.post("/password/", {"email": agent.email})
    with CaptureQueriesContext(connection) as unknown:
        client.post("/password/", {"email": "nobody@cast.test"})
    work = [[line for line in statements(run) if "SAVEPOINT" not in line] for run in (known, unknown)]
    assert work[0] == work[1]


def test_forgot__asked_again_and_again__mails_three_an_hour(client: Client, agent: Staff) -> None:
    for _ in range(6):
        client.post("/password/", {"email": agent.email})
    assert Notice.objects.filter(to_address=agent.email).count() == 3


@pytest.mark.parametrize("headers", [{"host": "evil.test"}, {"host": "localhost@evil.test"}])
@pytest.mark.attack("E2")
def test_forgot__poisoned_host__is_400_and_mails_nothing(client: Client, agent: Staff, headers: dict[str, str]) -> None:
    assert client.post("/password/", {"email": agent.email}, headers=headers).status_code == 400
    assert not Notice.objects.filter(to_address=agent.email).exists()


@pytest.mark.parametrize(
    "headers", [{"x-forwarded-host": "evil.test"}, {"forwarded": "host=evil.test"}, {"x-host": "evil.test"}]
)
@pytest.mark.attack("E2")
def test_forgot__forwarded_host__is_ignored_in_the_link(client: Client, agent: Staff, headers: dict[str, str]) -> None:
    client.post("/password/", {"email": agent.email}, headers=headers)
    body = Notice.objects.get(to_address=agent.email).body
    assert settings.SITE_URL in body
    assert "evil" not in body
