"""Training certificates: recorded by an administrator on a page, told before a step-up, and quietly before they end."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.models import Staff
from core.models import AuditEntry
from security.models import TrainingCertificate, TrainingWithdrawal
from security.services import fund_actions, trainings
from security.services.fund_actions import ActionRefusedError
from tests.cast import signed_in
from tests.factories.security import certify

Move = Callable[[timedelta], None]
YEAR = timedelta(hours=8760)
ADD = "admin:security_trainingcertificate_add"
WITHDRAW = "admin:security_trainingwithdrawal_add"


def account(client: Client, person: Staff) -> str:
    return signed_in(client, person).get("/account/").content.decode()


def begin(person: Staff, purpose: str = "action.approve") -> object:
    return fund_actions.step_up(
        person=person, purpose=purpose, content=bytes(32), public_id="x", method="webauthn"
    )  # fmt: skip


def test_record__on_the_page_of_an_administrator__counts_for_a_year_and_is_recorded(
    client: Client, admin: Staff, agent: Staff
) -> None:
    answer = signed_in(client, admin).post(reverse(ADD), {"person": agent.pk})

    assert answer.status_code == 302, answer.content
    row = TrainingCertificate.objects.valid().get(person=agent)
    assert (row.recorded_by, row.valid_until - row.recorded_at, row.course) == (admin, YEAR, "fund-actions")
    entry = AuditEntry.objects.get(action="training.recorded")
    assert (entry.actor_id, entry.object_id) == (admin.public_id, agent.public_id)
    found = client.get(reverse("admin:security_trainingcertificate_changelist"), {"q": "Ada"}).content.decode()
    assert "Ada Agent" in found
    assert "Ada Agent" not in client.get(
        reverse("admin:security_trainingcertificate_changelist"), {"q": "Nobody"}
    ).content.decode()  # fmt: skip


def test_record__ones_own__is_refused_in_words(client: Client, admin: Staff) -> None:
    answer = signed_in(client, admin).post(reverse(ADD), {"person": admin.pk}, follow=True)

    assert "Nobody records their own training" in answer.content.decode()
    assert not TrainingCertificate.objects.exists()


@pytest.mark.parametrize("role", ["agent", "lead", "auditor"])
def test_record__by_another_role__is_refused(
    client: Client, role: str, agent: Staff, lead: Staff, auditor: Staff
) -> None:
    person = {"agent": agent, "lead": lead, "auditor": auditor}[role]
    other = lead if person is agent else agent
    # Who may not open the administration at all is sent to its sign-in.
    expected = 403 if person is auditor else 302
    assert signed_in(client, person).post(reverse(ADD), {"person": other.pk}).status_code == expected
    with pytest.raises(ValidationError, match="by an administrator"):
        trainings.record(person=other, by=person)
    assert not TrainingCertificate.objects.exists()


def test_withdraw__on_the_page__ends_it_with_a_reason_once(client: Client, admin: Staff, agent: Staff) -> None:
    certify(agent)
    row = TrainingCertificate.objects.get(person=agent)
    posted = {"certificate": row.pk, "reason": "Passed the course on to somebody else."}
    answer = signed_in(client, admin).post(reverse(WITHDRAW), posted)

    assert answer.status_code == 302, answer.content
    assert TrainingWithdrawal.objects.get().withdrawn_by == admin
    assert not TrainingCertificate.objects.valid().filter(person=agent).exists()
    assert AuditEntry.objects.get(action="training.withdrawn").object_id == agent.public_id
    with pytest.raises(ValidationError, match="withdrawn already"):
        trainings.withdraw(certificate=row, by=admin, reason="Again.")
    change = reverse("admin:security_trainingcertificate_change", args=[row.pk])
    assert client.post(change, {"person": admin.pk}).status_code == 403


def test_step_up__nothing_on_record__says_so_before_anybody_is_asked(agent: Staff, admin: Staff) -> None:
    with pytest.raises(ActionRefusedError, match="no training for fund-related actions on record"):
        begin(agent)
    certify(agent)
    trainings.withdraw(certificate=TrainingCertificate.objects.get(person=agent), by=admin, reason="A mistake.")
    with pytest.raises(ActionRefusedError, match="no training for fund-related actions on record"):
        begin(agent, "action.request")


def test_account__training_that_ends_within_thirty_days__says_so_and_who_renews_it(
    client: Client, clone_db: str, move_time: Move, agent: Staff, admin: Staff
) -> None:
    assert "h-training" not in account(client, agent)
    certify(agent)
    assert "h-training" not in account(client, agent)

    move_time(YEAR - timedelta(days=29))
    shown = account(client, agent)
    assert "Counts until" in shown
    assert "An administrator other than you records it." in shown

    move_time(timedelta(days=29))
    shown = account(client, agent)
    assert "Ran out" in shown
    until = TrainingCertificate.objects.get(person=agent).valid_until
    with pytest.raises(ActionRefusedError, match=rf"ran out on \w+\.? {until.day}, {until.year}"):
        begin(agent)
    with translation.override("zh-hans"), pytest.raises(ActionRefusedError, match=f"{until.year}年{until.month}月"):
        begin(agent)

    trainings.record(person=agent, by=admin)
    assert "h-training" not in account(client, agent)
