"""Django admin: who may look, who may change, what is recorded and what is never shown."""

from typing import Any

import pytest
from django.contrib import admin as django_admin
from django.test import Client
from django.urls import reverse

from accounts.models import Brand, Customer, Staff, Team
from core.models import AuditEntry, Notice
from security.models import ApiToken, Invitation, StaffSession
from security.services import api_tokens, invitations
from tests.cast import open_session, signed_in
from tests.contracts.permissions import matrix
from tests.factories.accounts import CustomerFactory, ProvenAddressFactory, TeamFactory
from tickets.models import InboundMail, Mailbox, Tag

OURS = [
    "accounts_staff", "accounts_team", "accounts_brand", "accounts_customer", "core_auditentry", "security_apitoken",
    "kb_category", "kb_section", "kb_glossaryterm", "kb_synonym", "kb_talk",
    "security_invitation", "tickets_guidedform", "tickets_mailbox", "tickets_tag", "tickets_topic", "tickets_inboundmail",
    "tickets_outboundmail", "tickets_socialaccount", "tickets_socialevent", "tickets_socialpost",
    "tickets_socialimpostor", "tickets_socialroute", "tickets_socialtemplate", "tickets_phoneevent", "tickets_phoneline",
    "tickets_customfield",
]  # fmt: skip
MAILBOX = {
    "address": "Help@cast.test", "name": "Help", "slug": "help", "is_active": "on", "language": "en",
    "inbound": "imap", "imap_host": "imap.cast.test", "imap_port": "993", "imap_security": "tls",
    "imap_auth": "password", "imap_user": "help", "imap_secret": "hunter2hunter2", "imap_folder": "INBOX",
    "smtp_port": "587", "smtp_security": "starttls", "smtp_auth": "password",
    "survey_every_days": "30",
}  # fmt: skip


def url(name: str, *arguments: Any) -> str:
    return reverse(f"admin:{name}", args=arguments)


def acted(action: str) -> AuditEntry:
    return AuditEntry.objects.filter(action=action).latest("pk")


@pytest.fixture
def rows(admin: Staff) -> dict[str, Any]:
    """One row of each kind that has no other maker."""
    mailbox = Mailbox.objects.create(
        slug="support", name="Support", address="support@cast.test", imap_secret="s3cret-imap-password"
    )
    ProvenAddressFactory.create(customer=CustomerFactory.create(name="Mei Lin"), value="mei.lin@example.com")
    mail = InboundMail.objects.create(
        mailbox=mailbox, source="smtp", identity="0" * 64, raw=b"raw bytes", size=9, envelope_from="mei.lin@example.com"
    )
    api_tokens.issue(person=admin, name="test", scopes=["read"], actor=admin.actor)
    invitations.add_person(email="invited@cast.test", name="Invited", role="agent", invited_by=admin)
    return {"mailbox": mailbox, "mail": mail, "customer": Customer.objects.get(), "team": TeamFactory.create()}


@pytest.mark.parametrize("name", OURS)
@pytest.mark.usefixtures("rows")
def test_admin__list_and_add_page__open_for_the_administrator_alone(
    client: Client, agent: Staff, admin: Staff, auditor: Staff, name: str
) -> None:
    assert signed_in(client, agent).get(url(f"{name}_changelist"), follow=True).status_code == 403
    is_log = name == "core_auditentry"
    assert signed_in(client, admin).get(url(f"{name}_changelist"), {"q": "x"}).status_code == (403 if is_log else 200)
    assert signed_in(client, auditor).get(url(f"{name}_changelist")).status_code == 200
    assert client.get(url(f"{name}_add")).status_code == 403


def test_admin__everything_registered__is_ours_or_closed(client: Client, admin: Staff, auditor: Staff) -> None:
    for model in django_admin.site._registry:
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        if not matrix.ADMIN.get(model._meta.label):
            for person in (admin, auditor):
                assert signed_in(client, person).get(url(f"{name}_changelist")).status_code == 403


def test_admin__auditor__looks_but_never_changes(client: Client, auditor: Staff, agent: Staff) -> None:
    signed_in(client, auditor)
    path = url("accounts_staff_change", agent.pk)
    assert client.get(path).status_code == 200
    assert client.post(path, {"name": "X", "role": "admin", "is_active": "on"}).status_code == 403
    chosen = {"action": "deactivate", "_selected_action": [agent.pk]}
    client.post(url("accounts_staff_changelist"), chosen)
    agent.refresh_from_db()
    assert (agent.name, agent.is_active) == ("Ada Agent", True)


def test_admin__nobody__is_sent_to_our_sign_in(client: Client, db: None) -> None:
    answer = client.get("/admin/accounts/staff/", follow=True)
    assert answer.redirect_chain[-1][0] == "/sign-in/?next=%2Fadmin%2Faccounts%2Fstaff%2F"


def test_admin__password_page__is_the_account_page(client: Client, admin: Staff) -> None:
    assert signed_in(client, admin).get("/admin/password_change/").headers["Location"] == "/account/"


def test_admin__sign_out__ends_the_session_row(client: Client, admin: Staff) -> None:
    signed_in(client, admin).post("/admin/logout/")
    assert StaffSession.objects.get(staff=admin).end_reason == "signed_out"


def test_staff__added__are_invited(client: Client, admin: Staff) -> None:
    signed_in(client, admin)
    form = {"email": "New@cast.test", "name": "New", "role": "lead"}
    assert client.post(url("accounts_staff_add"), {**form, "password": "x", "session_epoch": "9"}).status_code == 302
    person = Staff.objects.get(email="new@cast.test")
    assert (person.role, person.has_usable_password(), person.session_epoch) == ("lead", False, 0)
    assert Invitation.objects.get(staff=person).invited_by == admin
    assert Notice.objects.get().to_address == "new@cast.test"
    assert acted("staff.created").actor_id == admin.public_id


def test_staff__role_and_account__change_by_service_and_end_sessions(
    client: Client, admin: Staff, agent: Staff
) -> None:
    _, row = open_session(agent)
    signed_in(client, admin)
    form = {"name": "Ada Agent", "role": "lead", "is_active": "on"}
    assert client.post(url("accounts_staff_change", agent.pk), form).status_code == 302
    row.refresh_from_db()
    assert row.end_reason == "role_changed"
    assert acted("staff.role_changed").detail == {"from": "agent", "to": "lead"}
    client.post(url("accounts_staff_change", agent.pk), {"name": "Ada Agent", "role": "lead"})
    agent.refresh_from_db()
    assert not agent.is_active


def test_staff__own_role_or_account__is_refused_with_the_reason(client: Client, admin: Staff) -> None:
    signed_in(client, admin)
    path = url("accounts_staff_change", admin.pk)
    answer = client.post(path, {"name": "Ama Admin", "role": "agent", "is_active": "on"}, follow=True)
    assert "own role" in answer.content.decode()
    client.post(path, {"name": "Ama Admin", "role": "admin"})
    admin.refresh_from_db()
    assert (admin.role, admin.is_active) == ("admin", True)


def test_staff__actions__invite_end_and_close(client: Client, admin: Staff, agent: Staff) -> None:
    _, row = open_session(agent)
    signed_in(client, admin)
    for action in ("invite_again", "end_sessions", "deactivate"):
        client.post(url("accounts_staff_changelist"), {"action": action, "_selected_action": [agent.pk]})
    row.refresh_from_db()
    agent.refresh_from_db()
    assert row.end_reason == "administrator"
    assert not agent.is_active
    assert Invitation.objects.get(staff=agent).revoked_at is not None


def test_tokens_and_invitations__revoked__stop_working(client: Client, admin: Staff, rows: dict[str, Any]) -> None:
    signed_in(client, admin)
    for name, model in (("security_apitoken", ApiToken), ("security_invitation", Invitation)):
        chosen = {"action": "revoke", "_selected_action": [model.objects.get().pk]}
        client.post(url(f"{name}_changelist"), chosen)
        assert model.objects.get().revoked_at is not None


def test_mailbox__secret__goes_in_and_never_comes_out(client: Client, admin: Staff, auditor: Staff) -> None:
    signed_in(client, admin)
    assert client.post(url("tickets_mailbox_add"), MAILBOX).status_code == 302
    mailbox = Mailbox.objects.get()
    assert (mailbox.address, mailbox.imap_secret) == ("help@cast.test", "hunter2hunter2")
    path = url("tickets_mailbox_change", mailbox.pk)
    assert "hunter2" not in client.get(path).content.decode()
    assert (
        client.post(path, {**MAILBOX, "address": mailbox.address, "name": "Helpers", "imap_secret": ""}).status_code
        == 302
    )
    mailbox.refresh_from_db()
    assert (mailbox.name, mailbox.imap_secret) == ("Helpers", "hunter2hunter2")
    assert acted("mailbox.changed").fields == ["name"]
    page = signed_in(client, auditor).get(path)
    assert page.status_code == 200
    assert "hunter2" not in page.content.decode()


def test_team__members__are_recorded_by_name_of_act(client: Client, admin: Staff, agent: Staff) -> None:
    signed_in(client, admin)
    form = {
        "name": "Payments", "slug": "payments", "memberships-TOTAL_FORMS": "1", "memberships-INITIAL_FORMS": "0",
        "memberships-0-staff": str(agent.pk), "method": "idle", "language_level": "1", "take_back_after_min": "0", "overflow_after_min": "10",
    }  # fmt: skip
    assert client.post(url("accounts_team_add"), form).status_code == 302
    assert list(Team.objects.get(slug="payments").members.all()) == [agent]
    assert acted("team.created").fields == ["name", "slug"]
    assert acted("team.member_added").detail == {"staff": agent.public_id}


def test_team_and_mailbox__deletion__is_not_offered(client: Client, admin: Staff, rows: dict[str, Any]) -> None:
    signed_in(client, admin)
    for name, row in (("accounts_team", rows["team"]), ("tickets_mailbox", rows["mailbox"])):
        assert client.post(url(f"{name}_delete", row.pk), {"post": "yes"}).status_code == 403
    assert Team.objects.filter(pk=rows["team"].pk).exists()


def test_tag__deleted__is_recorded(client: Client, admin: Staff) -> None:
    tag = Tag.objects.create(name="vip")
    signed_in(client, admin).post(url("tickets_tag_delete", tag.pk), {"post": "yes"})
    assert not Tag.objects.exists()
    assert acted("tag.deleted").actor_id == admin.public_id


def test_brand__changed__records_the_names_of_the_fields(client: Client, admin: Staff) -> None:
    brand = Brand.objects.create(name="Pharos")
    form = {"name": "Pharos", "legal_name": "Pharos Ltd", "website": "https://pharos.test"}
    assert signed_in(client, admin).post(url("accounts_brand_change", brand.pk), form).status_code == 302
    assert acted("brand.changed").fields == ["legal_name", "website"]


def test_contact_fields__lists_and_pages__are_masked(client: Client, admin: Staff, rows: dict[str, Any]) -> None:
    signed_in(client, admin)
    for path in (
        url("accounts_customer_changelist"), url("accounts_customer_change", rows["customer"].pk),
        url("tickets_inboundmail_changelist"), url("tickets_inboundmail_change", rows["mail"].pk),
    ):  # fmt: skip
        page = client.get(path).content.decode()
        assert "mei.lin" not in page
        assert "raw bytes" not in page
        assert "m***@e***.com" in page
