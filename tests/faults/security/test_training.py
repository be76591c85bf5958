"""Training in the fund rule: who asks, approves or reviews stands on a certificate that somebody else recorded."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from accounts.models import Staff
from core.ids import new_public_id
from tests.factories.accounts import StaffFactory, TeamFactory
from tests.factories.security import certify
from tests.faults.security.cast import Attack, Cast, outcomes, passed
from tests.faults.security.test_manual_review import Scene, scene
from tests.support.databases import TestStores

__all__ = ["scene"]
Move = Callable[[timedelta], None]
YEAR = timedelta(hours=8760)
CHANGED = (
    "UPDATE security_trainingcertificate SET valid_until = 'infinity'",
    "UPDATE security_trainingcertificate SET person_id = recorded_by_id",
    "DELETE FROM security_trainingcertificate",
    "TRUNCATE security_trainingcertificate CASCADE",
    "DELETE FROM security_trainingwithdrawal",
    "UPDATE security_trainingwithdrawal SET certificate_id = -1",
    "TRUNCATE security_trainingwithdrawal",
)


def trainer() -> int:
    """Return the administrator who has recorded everybody's training."""
    return int(Staff.objects.get(role="admin", is_active=True).pk)


def certificate_of(cast: Cast, person: int) -> int:
    return int(cast.one("SELECT id FROM security_trainingcertificate WHERE person_id = %s", [person]))


def record(cast: Cast, person: int, by: int, **more: Any) -> int:
    values = {"public_id": new_public_id(), "person_id": person, "recorded_by_id": by} | more
    return cast.insert("security_trainingcertificate", values)


def withdraw(cast: Cast, person: int, by: int | None = None) -> int:
    values = {
        "certificate_id": certificate_of(cast, person),
        "withdrawn_by_id": by or trainer(),
        "reason": "Passed on.",
    }
    return cast.insert("security_trainingwithdrawal", values, key="certificate_id")


def untrained(role: str) -> int:
    person = StaffFactory.create(role=role)
    TeamFactory.create().members.add(person)
    return int(person.pk)


# ── as the application's role ──────────────────────────────────────────────────────────────────────────────────────


def ask_without_training(cast: Cast) -> object:
    return cast.request(requester_id=untrained("agent"))


def ask_by_the_training_of_another(cast: Cast) -> object:
    asked = cast.asked(requester_id=untrained("agent"))
    key, at = cast.step_up(asked["requester_id"], "action.request", cast.hash_of_words(asked))
    values = {**asked, "requester_stepup_id": key, "requester_verified_at": at}
    return cast.insert("security_fundaction", {**values, "requester_certificate_id": certificate_of(cast, cast.agent)})


def approve_without_training(cast: Cast) -> object:
    return cast.approve(cast.request(), untrained("lead"))


def record_ones_own(cast: Cast) -> object:
    return record(cast, trainer(), trainer())


def record_as_somebody_who_may_not(cast: Cast) -> object:
    return record(cast, untrained("agent"), cast.leads[0])


def record_as_an_administrator_who_is_gone(cast: Cast) -> object:
    return record(cast, untrained("agent"), int(StaffFactory.create(role="admin", is_active=False).pk))


def record_for_ever(cast: Cast) -> object:
    return record(cast, untrained("agent"), trainer(), valid_until="infinity")


def record_from_before(cast: Cast) -> object:
    return record(cast, untrained("agent"), trainer(), recorded_at="2020-01-01")


def record_another_course(cast: Cast) -> object:
    return record(cast, untrained("agent"), trainer(), course="first-aid")


def withdraw_as_somebody_who_may_not(cast: Cast) -> object:
    return withdraw(cast, cast.leads[0], cast.agent)


AS_APP: list[Attack] = [
    ask_without_training, ask_by_the_training_of_another, approve_without_training, record_ones_own,
    record_as_somebody_who_may_not, record_as_an_administrator_who_is_gone, record_for_ever, record_from_before,
    record_another_course, withdraw_as_somebody_who_may_not,
]  # fmt: skip


def test_training__as_the_application__every_way_round_is_refused(cast: Cast) -> None:
    assert passed(outcomes(cast, AS_APP)) == []
    assert cast.executions() == 0


@pytest.mark.parametrize("statement", CHANGED)
@pytest.mark.parametrize("who", ["app", "verifier", "owner"])
def test_training__changed_or_taken_back__is_refused_to_everybody(cast: Cast, who: str, statement: str) -> None:
    withdraw(cast, cast.colleague)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        getattr(cast, who).execute(statement)


def test_training__recorded__counts_for_a_year_and_stands_in_what_was_done(cast: Cast) -> None:
    action, check, approver = cast.ready()
    cast.execute(action, check, approver)
    lasts = "SELECT valid_until - recorded_at FROM security_trainingcertificate WHERE person_id = %s"
    assert cast.one(lasts, [cast.agent]) == YEAR
    asked = "SELECT requester_certificate_id FROM security_fundaction WHERE id = %s"
    assert cast.one(asked, [action]) == certificate_of(cast, cast.agent)
    approved = "SELECT approver_certificate_id FROM security_approval WHERE action_id = %s"
    assert cast.one(approved, [action]) == certificate_of(cast, approver)


def test_training__run_out__ends_asking_and_approving_until_it_is_recorded_again(cast: Cast, move_time: Move) -> None:
    move_time(YEAR)
    with pytest.raises(psycopg.errors.CheckViolation, match="has run out") as refused:
        cast.request()
    assert refused.value.diag.constraint_name == "training_ran_out"
    record(cast, cast.agent, trainer())
    action = cast.request()
    with pytest.raises(psycopg.errors.CheckViolation, match="nobody of another team"):
        cast.draw(action)
    record(cast, cast.leads[1], trainer())
    assert cast.draw(action) == cast.leads[1]


def test_training__run_out_between_draw_and_approval__is_refused(cast: Cast, move_time: Move) -> None:
    move_time(YEAR - timedelta(hours=74))
    record(cast, cast.agent, trainer())
    action = cast.request()
    drawn = cast.draw(action)
    move_time(timedelta(hours=2))
    with pytest.raises(psycopg.errors.CheckViolation, match="has run out"):
        cast.approve(action, drawn)


def test_training__withdrawn__is_drawn_and_obeyed_no_more(cast: Cast) -> None:
    action = cast.request()
    drawn = cast.draw(action)
    other = next(one for one in cast.leads if one != drawn)
    withdraw(cast, drawn)
    with pytest.raises(psycopg.errors.CheckViolation, match="no training"):
        cast.approve(action, drawn)
    assert cast.draw(cast.request()) == other
    withdraw(cast, cast.agent)
    with pytest.raises(psycopg.errors.CheckViolation, match="no training"):
        cast.request()


def test_training__withdrawn_while_an_older_view_is_held__is_not_used(
    cast: Cast, test_stores: TestStores, clone_db: str
) -> None:
    asked = cast.asked()
    key, at = cast.step_up(cast.agent, "action.request", cast.hash_of_words(asked))
    with test_stores.connect("APP", clone_db) as attacker:
        attacker.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        attacker.execute("SELECT count(*) FROM security_trainingwithdrawal")
        withdraw(cast, cast.agent)
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="as it is now"):
            cast.insert(
                "security_fundaction", {**asked, "requester_stepup_id": key, "requester_verified_at": at}, by=attacker
            )


def test_training__of_reviewers__is_needed_to_be_drawn_and_to_decide(scene: Scene) -> None:
    nobody = untrained("lead")
    action, review, people = scene.opened()
    assert nobody not in people
    withdraw(scene.cast, people[0])
    with pytest.raises(psycopg.errors.CheckViolation, match="no training"):
        scene.decide(review, people[0])
    scene.decide(review, people[1])
    stands_on = "SELECT reviewer_certificate_id FROM security_reviewdecision WHERE action_id = %s"
    assert scene.cast.one(stands_on, [action]) == certificate_of(scene.cast, people[1])


def test_training__two_certificates__the_longer_one_is_used(cast: Cast, move_time: Move) -> None:
    move_time(timedelta(days=100))
    certify(Staff.objects.get(pk=cast.agent))
    newest = cast.one("SELECT max(id) FROM security_trainingcertificate WHERE person_id = %s", [cast.agent])
    action = cast.request()
    asked = "SELECT requester_certificate_id FROM security_fundaction WHERE id = %s"
    assert cast.one(asked, [action]) == newest
