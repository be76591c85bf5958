"""Whoever meets a constraint of the fund rule is told what is so in our words, never in PostgreSQL's."""

import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError
from django.utils import translation

from security import fund_rule
from security.services import refusals
from security.verifier.protocol import Code, RefusedError
from security.verifier_client import VerifierAwayError

CONSTRAINT = re.compile(r"^constraint (\w+)\.(\w+) (.*)$", re.MULTILINE)
RAISED = re.compile(r"RAISE EXCEPTION\s+'((?:[^']|'')+)'\s+USING errcode = '23514'([^;]*);")
BY_TRIGGER = re.compile(r"errcode = '23514', constraint = '(\w+)'")
RAN_OUT = "2026-03-01T08:00:00+00:00"
# Tables that no door writes, and why.
NO_DOOR = {
    "security_stepup": "written by the verifier, which refuses in words of its own",
    "security_customerfactor": "written by the verifier",
    "security_factorend": "written by the verifier",
    "security_stafffactor": "written by the verifier",
    "security_stafffactorend": "written by the verifier",
    "security_factorsecret": "written by the verifier",
    "security_prooflock": "written by the verifier",
    "security_ceremony": "written by the verifier",
    "security_fundkind": "written by a migration",
    "security_fundpolicy": "written by a confirmed change alone",
    "security_fundoutcome": "written by triggers alone",
    "security_freeze": "written by core.fund_freeze() and by an executed unfreeze",
    "security_actiondenial": "a press of the customer's; the door has read the action",
    "security_exchangesignal": "written when an event of the exchange is handled, which quarantines what does not fit",
    "security_signalpolicy": "written by a migration",
    "security_supportlock": "a form with three choices; a trigger makes it longer, never shorter",
}
# Keys that keep copies equal to their originals; triggers make the copies.
COPIES = re.compile(r"_(pkey|terms|proof|action|stepped_up_check|public_id_check|public_id_key)$")
UNREACHABLE = {
    "security_trainingcertificate_course_check": "not ours to write",
    "security_trainingcertificate_person_id_fkey": "chosen from a list",
    "security_trainingcertificate_recorded_by_id_fkey": "who records is signed in",
    "security_trainingcertificate_year": "the trigger says both times",
    "security_trainingwithdrawal_certificate_id_fkey": "chosen from a list",
    "security_trainingwithdrawal_withdrawn_by_id_fkey": "who withdraws is signed in",
    "security_fundaction_course_check": "not ours to write",
    "security_fundaction_trained": "the trigger has found a certificate that counts",
    "security_fundaction_training": "the trigger copies the certificate",
    "security_approval_course_check": "not ours to write",
    "security_approval_trained": "the trigger has found a certificate that counts",
    "security_approval_training": "the trigger copies the certificate",
    "security_reviewdecision_course_check": "not ours to write",
    "security_reviewdecision_trained": "the trigger has found a certificate that counts",
    "security_reviewdecision_training": "the trigger copies the certificate",
    "security_fundaction_customer_id_fkey": "the door has read the customer",
    "security_fundaction_requester_id_fkey": "the requester is signed in",
    "security_fundaction_requesting_check": "not ours to write",
    "security_fundpolicychange_proposer_id_fkey": "the proposer is signed in",
    "security_fundpolicychange_confirmer_id_fkey": "the confirmer is signed in",
    "security_fundpolicychange_proposing_check": "not ours to write",
    "security_fundpolicychange_confirming_check": "not ours to write",
    "security_policychange_content": "a key for copies",
    "security_policychange_whole": "one statement writes all three, the trigger the fourth",
    "security_approverdraw_action_id_fkey": "the door has read the action",
    "security_approverdraw_approver_id_fkey": "the trigger has drawn them",
    "security_approval_approving_check": "not ours to write",
    "security_identitycheck_attempts_check": "counted by the verifier",
    "security_identitycheck_whole": "recorded by the verifier",
    "security_identitycheck_confirming_check": "not ours to write",
    "security_identitycheck_first": "the trigger reads both decisions",
    "security_identitycheck_first_place_check": "not ours to write",
    "security_identitycheck_second": "the trigger reads both decisions",
    "security_identitycheck_second_place_check": "not ours to write",
    "security_manualreview_appeal": "the door has read the appeal",
    "security_manualreview_whose": "a copy of the key",
    "security_reviewappeal_decision_check": "not ours to write",
    "security_reviewappeal_refusal": "the trigger reads the refusal",
    "security_reviewappeal_review": "the door has read the review",
    "security_reviewappeal_whose": "a copy of the key",
    "security_reviewdecision_decision_check": "two buttons",
    "security_reviewdecision_end": "a copy of the key",
    "security_reviewdecision_following_check": "not ours to write",
    "security_reviewdecision_in_turn": "the trigger counts",
    "security_reviewdecision_review": "the door has read the review",
    "security_reviewdecision_reviewing_check": "not ours to write",
    "security_reviewerdraw_review_id_fkey": "the door has read the review",
    "security_reviewerdraw_reviewer_id_fkey": "the trigger has drawn them",
    "security_execution_approval_whole": "the trigger reads both together",
    "security_execution_is_verified_check": "not ours to write",
    "security_execution_outcome_check": "not ours to write",
    "security_funddecline_outcome_check": "not ours to write",
    "security_funddecline_staff_id_cd953e13_fk_accounts_staff_id": "who declines is signed in",
}
RAISED_ELSEWHERE = {
    "a support lock lasts a year at most": "to a form with three choices",
    "this factor has ended": "by the verifier",
    "this factor does not count yet": "by the verifier",
    "this person is not active": "by the verifier",
}


def refused(message: str = "", constraint: str | None = None, table: str = "", column: str = "") -> IntegrityError:
    """Return an error as Django raises it, with what the server said."""
    error = IntegrityError(message)
    cause: Any = Exception()
    cause.diag = SimpleNamespace(
        message_primary=message, constraint_name=constraint, table_name=table, column_name=column,
        message_detail=RAN_OUT,
    )  # fmt: skip
    error.__cause__ = cause
    return error


def test_constraints__of_what_doors_write__each_has_a_sentence_or_a_reason() -> None:
    named = CONSTRAINT.findall(fund_rule.REVIEWED.read_text())
    reachable = {
        name for table, name, meaning in named
        if table not in NO_DOOR and name not in UNREACHABLE
        and not (COPIES.search(name) and meaning.startswith(("PRIMARY", "UNIQUE", "FOREIGN", "CHECK")))
    }  # fmt: skip
    assert reachable
    assert reachable - refusals.BY_CONSTRAINT.keys() == set()
    scripts = fund_rule.REVIEWED.parents[1].glob("**/*.sql")
    by_triggers = {name for script in scripts for name in BY_TRIGGER.findall(script.read_text())}
    assert by_triggers - refusals.BY_CONSTRAINT.keys() == set()
    known = {name for _table, name, _meaning in named} | by_triggers
    assert {name for name in refusals.BY_CONSTRAINT if "." not in name} - known == set()
    assert UNREACHABLE.keys() - known == set()


def test_messages__of_triggers_without_a_constraint__each_has_a_sentence_or_a_reason() -> None:
    scripts = sorted(fund_rule.REVIEWED.parents[1].glob("**/*.sql"))
    raised = {
        message.replace("''", "'")
        for script in scripts
        for message, more in RAISED.findall(script.read_text())
        if "constraint" not in more
    }
    assert raised - refusals.BY_MESSAGE.keys() == RAISED_ELSEWHERE.keys()


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (refused("the customer is frozen", "security_execution_frozen"), "frozen"),
        (refused("nobody of another team may approve this"), "shares no team"),
        (refused("null value", None, "security_fundaction", "policy_id"), "No policy covers"),
        (refused("no training …", "training_missing"), "an administrator other than you records it"),
        (refused("training …", "training_ran_out"), "ran out on March 1, 2026"),
        (refused("new row violates …", "something_new"), "does not allow this step"),
    ],
)
def test_of_database__what_was_refused__is_said_in_our_words(error: IntegrityError, expected: str) -> None:
    said = refusals.of_database(error)
    assert expected in said
    with translation.override("zh-hans"):
        assert refusals.of_database(error) != said


@pytest.mark.parametrize("code", Code)
def test_of_step_up__each_code__has_a_sentence(code: Code) -> None:
    assert refusals.of_step_up(RefusedError(code, "…")) != str(refusals.GENERAL)


def test_of_step_up__verifier_away__says_that_nothing_is_lost() -> None:
    assert "Nothing is lost" in refusals.of_step_up(VerifierAwayError("away"))
