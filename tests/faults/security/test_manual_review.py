"""The rule of manual review: two people of different teams, each by a step-up for what they say, for lost factors only."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from core.ids import new_public_id
from tests.factories.accounts import StaffFactory, TeamFactory
from tests.factories.security import certify
from tests.faults.security.cast import BROKEN_TESTS, Cast, Connection, passed
from tests.faults.security.conftest import Move
from tests.faults.security.test_fund_policy import change_of_policy
from tests.support.databases import TestStores

WAIT = timedelta(hours=72)
MINUTE = timedelta(minutes=1)
ALL_RIGHT = {"is_readable": True, "is_in_date": True, "name_matches": True, "face_matches": True}
CONTENT = """
SELECT core.fund_review_hash(
    %(hash)s, %(decision)s, %(is_readable)s, %(is_in_date)s, %(name_matches)s, %(face_matches)s, %(reason)s)
"""


@dataclass
class Scene:
    """The cast, people of more teams, and time to move."""

    cast: Cast
    move: Move

    def ask(self, **changed: Any) -> int:
        """Ask for the reset of a customer's factors; return the action."""
        nothing = {"kind": "mfa_reset", "subject": "", "asset": "", "network": "", "amount": "0", "destination": ""}
        return self.cast.request(**nothing | changed)

    def open(self, action: int, appeal_of: int | None = None) -> int:
        values = {"public_id": new_public_id(), "action_id": action, "appeal_of_id": appeal_of}
        return self.cast.insert("security_manualreview", values)

    def draw(self, review: int) -> int:
        self.cast.insert("security_reviewerdraw", {"review_id": review})
        drawn = "SELECT reviewer_id FROM security_reviewerdraw WHERE review_id = %s ORDER BY place DESC LIMIT 1"
        return int(self.cast.one(drawn, [review]))

    def opened(self) -> tuple[int, int, tuple[int, int]]:
        """Return an action whose waiting time is over, its review, and who is to look."""
        action = self.ask()
        self.cast.draw(action)
        review = self.open(action)
        people = self.draw(review), self.draw(review)
        self.move(WAIT)
        return action, review, people

    def words(self, action: int, decision: str, **changed: Any) -> dict[str, Any]:
        said = {"decision": decision, **ALL_RIGHT, "reason": "The passport is theirs."} | changed
        return {**said, "content": self.cast.one(CONTENT, {**said, "hash": self.cast.hash_of(action)})}

    def decide(
        self, review: int, who: int, decision: str = "confirmed", *, by: Connection | None = None,
        step_up: tuple[int, Any] | None = None, **changed: Any,
    ) -> int:  # fmt: skip
        action = self.cast.one("SELECT action_id FROM security_manualreview WHERE id = %s", [review])
        said = self.words(action, decision, **changed)
        key, at = step_up or self.cast.step_up(who, "action.review", said.pop("content"))
        said.pop("content", None)
        values = {"review_id": review, "reviewer_id": who, "reviewer_stepup_id": key, "reviewer_verified_at": at}
        return self.cast.insert("security_reviewdecision", said | values, by=by)

    def reviewed(self) -> int:
        """Return an action that two people have confirmed."""
        action, review, people = self.opened()
        for who in people:
            self.decide(review, who)
        return action

    def pass_check(self, action: int) -> int:
        """Let the verifier record what two people have decided."""
        check = self.cast.begin_check(action, "manual")
        return self.cast.prove("security_identitycheck", check, evidence="{}")


@pytest.fixture
def scene(cast: Cast, move_time: Move) -> Scene:
    for role in ("lead", "compliance", "lead", "compliance"):
        person = StaffFactory.create(role=role)
        TeamFactory.create().members.add(person)
        certify(person)
    return Scene(cast, move_time)


def test_review__two_people_of_different_teams__takes_the_place_of_the_factor(scene: Scene) -> None:
    action = scene.reviewed()
    check = scene.pass_check(action)
    drawn = scene.cast.one("SELECT approver_id FROM security_approverdraw WHERE action_id = %s", [action])
    scene.cast.execute(action, check, scene.cast.approve(action, drawn))
    assert scene.cast.executions() == 1
    places = scene.cast.owner.execute(
        "SELECT said.place FROM security_identitycheck done JOIN security_reviewdecision said"
        " ON said.id IN (done.first_decision_id, done.second_decision_id) WHERE done.id = %s ORDER BY 1",
        [check],
    ).fetchall()
    assert places == [(1,), (2,)]


# ── each on a customer of its own ──────────────────────────────────────────────────────────────────────────────────


def one_reviewer_alone(scene: Scene) -> object:
    action, review, people = scene.opened()
    scene.decide(review, people[0])
    return scene.pass_check(action)


def nobody_at_all(scene: Scene) -> object:
    action, _review, _people = scene.opened()
    return scene.pass_check(action)


def without_a_review(scene: Scene) -> object:
    action = scene.ask()
    scene.move(WAIT)
    return scene.pass_check(action)


def the_same_person_twice(scene: Scene) -> object:
    _action, review, people = scene.opened()
    return [scene.decide(review, people[0]), scene.decide(review, people[0])]


def two_of_the_same_team(scene: Scene) -> object:
    _action, review, people = scene.opened()
    scene.decide(review, people[0])
    team = scene.cast.one("SELECT team_id FROM accounts_teammembership WHERE staff_id = %s", [people[0]])
    member = [team, people[1]]
    scene.cast.app.execute("INSERT INTO accounts_teammembership (team_id, staff_id) VALUES (%s, %s)", member)
    try:
        return scene.decide(review, people[1])
    finally:
        scene.cast.owner.execute("DELETE FROM accounts_teammembership WHERE (team_id, staff_id) = (%s, %s)", member)


def joined_one_team_after_both_decided(scene: Scene) -> object:
    action, review, people = scene.opened()
    for who in people:
        scene.decide(review, who)
    team = scene.cast.one("SELECT team_id FROM accounts_teammembership WHERE staff_id = %s", [people[0]])
    member = [team, people[1]]
    scene.cast.app.execute("INSERT INTO accounts_teammembership (team_id, staff_id) VALUES (%s, %s)", member)
    try:
        return scene.pass_check(action)
    finally:
        scene.cast.owner.execute("DELETE FROM accounts_teammembership WHERE (team_id, staff_id) = (%s, %s)", member)


def the_requester_reviews(scene: Scene) -> object:
    return scene.decide(scene.opened()[1], scene.cast.agent)


def somebody_not_drawn_reviews(scene: Scene) -> object:
    _action, review, people = scene.opened()
    others = "SELECT id FROM accounts_staff WHERE role IN ('lead', 'compliance') AND id <> ALL (%s) LIMIT 1"
    return scene.decide(review, scene.cast.one(others, [list(people)]))


def the_approver_reviews(scene: Scene) -> object:
    action, review, _people = scene.opened()
    drawn = scene.cast.one("SELECT approver_id FROM security_approverdraw WHERE action_id = %s", [action])
    return scene.decide(review, drawn)


def pick_the_reviewer(scene: Scene) -> object:
    review = scene.open(scene.ask())
    return scene.cast.insert("security_reviewerdraw", {"review_id": review, "reviewer_id": scene.cast.leads[0]})


def draw_until_it_fits(scene: Scene) -> object:
    _action, review, _people = scene.opened()
    return scene.draw(review), scene.draw(review)


def step_up_of_ten_minutes_ago(scene: Scene) -> object:
    action, review, people = scene.opened()
    step_up = scene.cast.step_up(people[0], "action.review", scene.words(action, "confirmed")["content"])
    scene.move(10 * MINUTE)
    return scene.decide(review, people[0], step_up=step_up)


def step_up_for_another_action(scene: Scene) -> object:
    _action, review, people = scene.opened()
    scene.cast.change_customer()
    other = scene.words(scene.ask(), "confirmed")
    return scene.decide(review, people[0], step_up=scene.cast.step_up(people[0], "action.review", other["content"]))


def step_up_for_refusing_turned_into_a_yes(scene: Scene) -> object:
    action, review, people = scene.opened()
    no = scene.words(action, "refused")
    return scene.decide(review, people[0], step_up=scene.cast.step_up(people[0], "action.review", no["content"]))


def step_up_for_approving(scene: Scene) -> object:
    action, review, people = scene.opened()
    yes = scene.words(action, "confirmed")
    return scene.decide(review, people[0], step_up=scene.cast.step_up(people[0], "action.approve", yes["content"]))


def step_up_of_somebody_else(scene: Scene) -> object:
    action, review, people = scene.opened()
    yes = scene.words(action, "confirmed")
    return scene.decide(review, people[0], step_up=scene.cast.step_up(people[1], "action.review", yes["content"]))


def step_up_by_a_passkey_that_can_be_copied(scene: Scene) -> object:
    action, review, people = scene.opened()
    values = {
        "public_id": new_public_id(), "staff_id": people[0], "purpose": "action.review", "method": "webauthn",
        "bound_to": scene.words(action, "confirmed")["content"],
    }  # fmt: skip
    key = scene.cast.insert("security_stepup", values, by=scene.cast.verifier)
    scene.cast.prove("security_stepup", key, **scene.cast.by_factor(people[0], "webauthn", is_device_bound=False))
    return scene.decide(review, people[0], step_up=(key, "now"))


def confirm_before_the_waiting_time_is_over(scene: Scene) -> object:
    review = scene.open(scene.ask())
    return scene.decide(review, scene.draw(review))


def confirm_what_does_not_match(scene: Scene) -> object:
    _action, review, people = scene.opened()
    return scene.decide(review, people[0], name_matches=False)


def confirm_without_a_reason(scene: Scene) -> object:
    _action, review, people = scene.opened()
    return scene.decide(review, people[0], reason="")


def confirm_after_a_refusal(scene: Scene) -> object:
    _action, review, people = scene.opened()
    scene.decide(review, people[0], "refused")
    return scene.decide(review, people[1])


def pass_what_one_has_refused(scene: Scene) -> object:
    action, review, people = scene.opened()
    scene.decide(review, people[0])
    scene.decide(review, people[1], "refused")
    return scene.pass_check(action)


def decide_a_third_time(scene: Scene) -> object:
    _action, review, people = scene.opened()
    scene.move(timedelta(hours=5))
    third = scene.draw(review)
    return [scene.decide(review, who) for who in (*people, third)]


def review_a_withdrawal(scene: Scene) -> object:
    return scene.open(scene.cast.request())


def check_a_withdrawal_by_review(scene: Scene) -> object:
    return scene.cast.begin_check(scene.cast.request(), "manual")


def pass_as_the_app(scene: Scene) -> object:
    check = scene.cast.begin_check(scene.reviewed(), "manual")
    return scene.cast.app.execute("UPDATE security_identitycheck SET is_verified = true WHERE id = %s", [check])


def pass_uncounted(scene: Scene) -> object:
    check = scene.cast.begin_check(scene.reviewed(), "manual")
    statement = "UPDATE security_identitycheck SET is_verified = true, evidence = '{}' WHERE id = %s"
    return scene.cast.verifier.execute(statement, [check])


def pass_with_decisions_of_ones_own(scene: Scene) -> object:
    check = scene.cast.begin_check(scene.reviewed(), "manual")
    return scene.cast.prove("security_identitycheck", check, evidence="{}", first_decision_id=1)


def pass_with_a_factor_too(scene: Scene) -> object:
    return scene.cast.answer(scene.cast.begin_check(scene.reviewed(), "manual"))


def pass_a_passkeys_check_by_review(scene: Scene) -> object:
    check = scene.cast.begin_check(scene.reviewed(), "webauthn")
    return scene.cast.prove("security_identitycheck", check, evidence="{}")


def pass_a_day_after_the_decisions(scene: Scene) -> object:
    action = scene.reviewed()
    scene.move(timedelta(hours=24, seconds=1))
    return scene.pass_check(action)


def pass_by_the_review_of_another_action(scene: Scene) -> object:
    scene.reviewed()
    other = scene.ask()
    scene.move(WAIT)
    return scene.pass_check(other)


def execute_without_an_approval(scene: Scene) -> object:
    action = scene.reviewed()
    return scene.cast.execute(action, scene.pass_check(action), None)


def approve_what_one_has_reviewed(scene: Scene) -> object:
    action, review, people = scene.opened()
    for who in people:
        scene.decide(review, who)
    return scene.cast.approve(action, people[0])


def open_a_second_review(scene: Scene) -> object:
    scene.open(scene.ask())
    return scene.open(scene.ask())


def open_another_after_a_refusal(scene: Scene) -> object:
    _action, review, people = scene.opened()
    scene.decide(review, people[0], "refused")
    return scene.open(scene.ask())


def appeal_in_the_review_without_an_appeal(scene: Scene) -> object:
    _action, review, people = scene.opened()
    scene.decide(review, people[0], "refused")
    return scene.open(scene.ask(), review)


def appeal_what_was_not_refused(scene: Scene) -> object:
    _action, review, people = scene.opened()
    scene.decide(review, people[0])
    return scene.cast.insert("security_reviewappeal", {"review_id": review}, key="review_id")


def appeal_for_another_customer(scene: Scene) -> object:
    _action, review, people = scene.opened()
    scene.decide(review, people[0], "refused")
    scene.cast.insert("security_reviewappeal", {"review_id": review}, key="review_id")
    scene.cast.change_customer()
    return scene.open(scene.ask(), review)


def write_a_decision_as_the_verifier(scene: Scene) -> object:
    _action, review, people = scene.opened()
    return scene.decide(review, people[0], by=scene.cast.verifier)


ATTACKS: list[Callable[[Scene], object]] = [
    one_reviewer_alone, nobody_at_all, without_a_review, the_same_person_twice, two_of_the_same_team,
    joined_one_team_after_both_decided, the_requester_reviews, somebody_not_drawn_reviews, the_approver_reviews,
    pick_the_reviewer, draw_until_it_fits, step_up_of_ten_minutes_ago, step_up_for_another_action,
    step_up_for_refusing_turned_into_a_yes, step_up_for_approving, step_up_of_somebody_else,
    step_up_by_a_passkey_that_can_be_copied, confirm_before_the_waiting_time_is_over, confirm_what_does_not_match,
    confirm_without_a_reason, confirm_after_a_refusal, pass_what_one_has_refused, decide_a_third_time,
    review_a_withdrawal, check_a_withdrawal_by_review, pass_as_the_app, pass_uncounted,
    pass_with_decisions_of_ones_own, pass_with_a_factor_too, pass_a_passkeys_check_by_review,
    pass_a_day_after_the_decisions, pass_by_the_review_of_another_action, execute_without_an_approval,
    approve_what_one_has_reviewed, open_a_second_review, open_another_after_a_refusal,
    appeal_in_the_review_without_an_appeal, appeal_what_was_not_refused, appeal_for_another_customer,
    write_a_decision_as_the_verifier,
]  # fmt: skip


def test_review__every_way_round__is_refused(scene: Scene) -> None:
    found = {}
    for attack in ATTACKS:
        scene.cast.change_customer()
        try:
            attack(scene)
        except psycopg.Error as refused:
            found[attack.__name__] = refused.sqlstate or "no answer"
        else:
            found[attack.__name__] = ""
    assert passed(found) == []
    assert scene.cast.executions() == 0


BY_ANYBODY = {
    "change a decision": "UPDATE security_reviewdecision SET decision = 'confirmed'",
    "move a decision": "UPDATE security_reviewdecision SET review_id = review_id + 1",
    "delete a decision": "DELETE FROM security_reviewdecision",
    "delete a draw": "DELETE FROM security_reviewerdraw",
    "change a draw": "UPDATE security_reviewerdraw SET reviewer_id = 1",
    "delete a review": "DELETE FROM security_manualreview",
    "move a review": "UPDATE security_manualreview SET action_id = 1",
    "truncate": "TRUNCATE security_reviewdecision CASCADE",
    "delete an appeal": "DELETE FROM security_reviewappeal",
    "date an appeal back": "UPDATE security_reviewappeal SET appealed_at = decided_at",
}


@pytest.mark.parametrize("role", ["app", "verifier", "owner"])
def test_review__what_was_said__is_changed_by_nobody(scene: Scene, role: str) -> None:
    _action, review, people = scene.opened()
    scene.decide(review, people[0], "refused")
    scene.cast.insert("security_reviewappeal", {"review_id": review}, key="review_id")
    connection: Connection = getattr(scene.cast, role)
    found = {}
    for name, statement in BY_ANYBODY.items():
        try:
            connection.execute(statement)
        except psycopg.Error as refused:
            found[name] = refused.sqlstate or "no answer"
        else:
            found[name] = ""
    assert passed(found) == []


@pytest.mark.parametrize("kind", ["withdrawal_release", "email_change", "unfreeze"])
def test_policy__review_for_what_is_no_lost_factor__cannot_be_proposed(cast: Cast, kind: str) -> None:
    terms = {"kind": kind, "asset": "", "risk": "high", "methods": ["webauthn", "manual"], "needs_approval": True}
    with pytest.raises(psycopg.errors.CheckViolation, match="methods"):
        change_of_policy(cast, terms={**terms, "cooling_off_s": 72 * 3600})


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"cooling_off_s": 48 * 3600}, "review_waits"),
        ({"methods": ["manual"]}, "methods"),
        ({"methods": ["totp", "manual"]}, "methods"),
    ],
    ids=["in two days", "alone", "beside a code where the risk is high"],
)
def test_policy__review_that_is_weaker__cannot_be_proposed(cast: Cast, changed: dict[str, object], named: str) -> None:
    terms: dict[str, object] = {
        "kind": "mfa_reset", "asset": "", "risk": "high", "methods": ["webauthn", "manual"], "needs_approval": True,
        "cooling_off_s": 72 * 3600,
    }  # fmt: skip
    change_of_policy(cast, terms=terms)
    with pytest.raises(psycopg.errors.CheckViolation, match=named):
        change_of_policy(cast, terms=terms | changed)


def test_refusal__before_the_waiting_time_is_over__ends_the_review_at_once(scene: Scene) -> None:
    review = scene.open(scene.ask())
    first, second = scene.draw(review), scene.draw(review)
    scene.decide(review, first, "refused", face_matches=False)
    scene.move(WAIT)
    with pytest.raises(psycopg.errors.ForeignKeyViolation, match="follows"):
        scene.decide(review, second)


def test_appeal__within_a_month__is_looked_at_once_by_two_others(scene: Scene) -> None:
    _action, review, people = scene.opened()
    scene.decide(review, people[0], "refused")
    scene.move(timedelta(days=29))
    scene.cast.insert("security_reviewappeal", {"review_id": review}, key="review_id")
    again = scene.ask()
    approver = scene.cast.draw(again)
    appeal = scene.open(again, review)
    others = scene.draw(appeal), scene.draw(appeal)
    assert not {*others} & {*people, approver}
    scene.move(WAIT)
    for who in others:
        scene.decide(appeal, who)
    scene.cast.execute(again, scene.pass_check(again), scene.cast.approve(again, approver))
    assert scene.cast.executions() == 1


def test_appeal__of_an_appeal_or_after_a_month__is_refused(scene: Scene) -> None:
    _action, review, people = scene.opened()
    scene.decide(review, people[0], "refused")
    scene.cast.insert("security_reviewappeal", {"review_id": review}, key="review_id")
    appeal = scene.open(scene.ask(), review)
    scene.decide(appeal, scene.draw(appeal), "refused")
    with pytest.raises(psycopg.errors.CheckViolation):
        scene.cast.insert("security_reviewappeal", {"review_id": appeal}, key="review_id")
    scene.cast.change_customer()
    _action, review, people = scene.opened()
    scene.decide(review, people[0], "refused")
    scene.move(timedelta(days=30, seconds=1))
    with pytest.raises(psycopg.errors.CheckViolation, match="timely"):
        scene.cast.insert("security_reviewappeal", {"review_id": review}, key="review_id")
    # From then on they may be looked at anew.
    assert scene.open(scene.ask())


def test_decisions__both_at_once__one_after_another(scene: Scene, clone_db: str, test_stores: TestStores) -> None:
    _action, review, people = scene.opened()
    steps = [scene.words(_action, decision) for decision in ("refused", "confirmed")]
    keys = [scene.cast.step_up(who, "action.review", said["content"]) for who, said in zip(people, steps, strict=True)]

    def say(place: int) -> str:
        with test_stores.connect("APP", clone_db) as own:
            own.autocommit = True
            try:
                scene.decide(review, people[place], steps[place]["decision"], by=own, step_up=keys[place])
            except psycopg.Error as refused:
                return refused.sqlstate or "no answer"
            return ""

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(say, (0, 1)))
    said = scene.cast.owner.execute(
        "SELECT decision FROM security_reviewdecision WHERE review_id = %s ORDER BY place", [review]
    ).fetchall()
    assert not set(outcomes) & set(BROKEN_TESTS)
    assert said in ([("refused",)], [("confirmed",), ("refused",)])
