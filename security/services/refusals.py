"""What the database and the verifier refuse, in one sentence for whoever asked: what is so, what to do next."""

from collections.abc import Mapping
from datetime import datetime

import structlog
from django.db import IntegrityError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from security.verifier.protocol import Code, RefusedError
from security.verifier_client import VerifierAwayError

log = structlog.get_logger(__name__)
GENERAL = _("The rule of fund-related actions does not allow this step. Look at the action again, or ask a lead.")
AWAY = _(
    "The verifier does not answer right now, and nothing goes on without it. Nothing is lost: try again in a minute."
)
_STEP_UP_OLD = _("Your confirmation is more than five minutes old. Confirm again.")
_STEP_UP_OTHER = _("Your confirmation was made for something else. Look at this action and confirm it.")
_STEP_UP_USED = _("This confirmation has been used. Begin again.")
_WAITS = _("The waiting time of this action is not over yet. The action itself says when it is.")
_SAME_PERSON = _("Nobody approves what they asked for themselves. Somebody else is drawn.")
_SECOND = _("Who approves must be of another team, and a lead or in compliance. Have another person drawn.")
_PROVEN_AGAIN = _("The customer's check cannot be used for this any more. Begin another check.")
_FACTOR = _("This factor of the customer's does not count for this action. They prove themselves with another one.")
_THREE_DRAWN = _("Three people have been drawn for this action, as many as may be. Ask for the action again.")
_THREE_CHECKS = _("Three checks have been begun for this action, as many as may be. Ask for the action again.")
_REVIEW_WAITS = _(
    "Nobody confirms a review before the waiting time of the action is over. Refusing is possible at once."
)
_REVIEW_FIRST = _("A review begins, and ends, once for an action: look at the reviews.")
_REVIEWER = _("Who reviews must be of another team, and a lead or in compliance. Have another person drawn.")
_ADMINISTRATORS = _("Training is recorded, and withdrawn, by an administrator.")
_NOT_APPEALED = _("A refusal is appealed once, within 30 days; the refusal of an appeal is the last word.")
_TOGETHER = _("Somebody did the same at this very moment. Look at the action again.")
DECLINED = _("Whoever was drawn has declined this action. Who still wants it asks again.")
_UNTRAINED = _(
    "You have no training for fund-related actions on record. When you have taken the course, an administrator other"
    " than you records it."
)
_TRAINING_RAN_OUT = _(
    "Your training for fund-related actions ran out on %(day)s. Take the course again; an administrator other than you"
    " records it."
)
_DONE = _("This action has been carried out already.")
_FLOOR = _("What changes who can act takes a second person and at least 24 hours of waiting, whatever the policy says.")
_PROPOSED = _("This change has been proposed already: look at the policy.")
_CONFIRMER = _("Who confirms a change must be of another team, and a lead or in compliance.")

# Names of constraints (docs/security.md) → the sentence. A column stands for its NOT NULL.
BY_CONSTRAINT: Mapping[str, object] = {
    "security_fundaction_amount": _("Say how much, above zero, and of which asset."),
    "security_fundaction_amount_check": _("The amount must be above zero and below 100 000 000 000 000 000 000."),
    "security_fundaction_asset_check": _("Write the asset as the exchange does: capital letters and digits, like BTC."),
    "security_fundaction_destination": _("Say where it goes. Kinds that go nowhere take no destination."),
    "security_fundaction_fresh": _STEP_UP_OLD,
    "security_fundaction_kind": _("There is no such kind of action. Choose one from the list."),
    "security_fundaction.has_amount": _("There is no such kind of action. Choose one from the list."),
    "security_fundaction_operation": _("Say what is to be done: add or remove, credit or debit."),
    "security_fundaction_operation_check": _("Say what is to be done: add or remove, credit or debit."),
    "security_fundaction_policy": _("The policy has changed meanwhile. Look at its terms and ask again."),
    "security_fundaction.policy_id": _("No policy covers this kind of action. A lead can propose one."),
    "security_fundaction_public_id_key": _("This action has been asked for already: look at the ticket's actions."),
    "security_fundaction_requester": _STEP_UP_OTHER,
    "security_fundaction_requester_stepup_id_key": _STEP_UP_USED,
    "security_fundaction_subject": _("Name what it is about, with the exchange's own id: the withdrawal or deposit."),
    "security_approverdraw_place_check": _THREE_DRAWN,
    "security_approverdraw_place": _TOGETHER,
    "security_approverdraw_once": _TOGETHER,
    "security_identitycheck_cooled": _WAITS,
    "security_identitycheck_method": _("The policy does not allow this way of proving for this action."),
    "security_identitycheck_place": _TOGETHER,
    "security_identitycheck_place_check": _THREE_CHECKS,
    "security_identitycheck_lives": _PROVEN_AGAIN,
    "security_identitycheck_factor": _FACTOR,
    "security_identitycheck_factor_counts": _FACTOR,
    "security_approval_cooled": _WAITS,
    "security_approval_drawn": _("Somebody else was drawn to look at this."),
    "security_approval_fresh": _STEP_UP_OLD,
    "security_approval_once": _("You have approved this already."),
    "security_approval_stepup": _STEP_UP_OTHER,
    "security_approval_approver_stepup_id_key": _STEP_UP_USED,
    "security_approval_two": _SAME_PERSON,
    "security_execution_fresh": _(
        "More than five minutes have passed since the customer proved themselves. Begin another check."
    ),
    "security_execution_approved": _("A second person has to approve first."),
    "security_execution_approved_lately": _(
        "More than fifteen minutes have passed since the approval. It has to be given again, by another person."
    ),
    "security_execution_cooled": _WAITS,
    "security_execution_timely": _(
        "This action was left lying for more than a day after its waiting time. Ask for it again."
    ),
    "security_execution_two": _SAME_PERSON,
    "security_execution_approval": _SECOND,
    "security_execution_check": _PROVEN_AGAIN,
    "security_execution_check_id_key": _PROVEN_AGAIN,
    "security_execution_pkey": _DONE,
    "support_lock": _(
        "The customer has locked support out: nothing is asked for or carried out until their lock ends."
    ),
    "security_execution_frozen": _("The customer is frozen: nothing is carried out until an executed unfreeze."),
    "security_execution_declined": DECLINED,
    "security_approval_declined": DECLINED,
    "security_funddecline_drawn": _("Somebody else was drawn to look at this."),
    "security_funddecline_executed": _("It is too late: the exchange has been asked already."),
    "security_funddecline_pkey": DECLINED,
    "security_funddecline_why": _("Say why: the reason stays with the action."),
    "training_missing": _UNTRAINED,
    "training_ran_out": _TRAINING_RAN_OUT,
    "security_trainingcertificate_two": _("Nobody records their own training: ask another administrator."),
    "security_trainingwithdrawal_pkey": _("This certificate was withdrawn already."),
    "security_trainingwithdrawal_reason_check": _("Say why, in 1 to 300 characters."),
    "security_execution_denied": _("The customer has said that this was not them: nothing of it is carried out."),
    "raised_risk": _(
        "The exchange has signalled a risk for this customer, so this has to be asked for again, under the terms of"
        " high risk."
    ),
    "security_identitycheck_lost": _("A review takes the place of a factor only where a factor was lost."),
    "security_manualreview_method": _("The policy does not allow a review for this kind of action."),
    "security_manualreview_action_id_key": _REVIEW_FIRST,
    "security_manualreview_appeal_of_id_key": _REVIEW_FIRST,
    "security_reviewappeal_pkey": _NOT_APPEALED,
    "security_reviewappeal_is_appeal_check": _NOT_APPEALED,
    "security_reviewappeal_timely": _NOT_APPEALED,
    "security_reviewappeal.decision_id": _NOT_APPEALED,
    "security_reviewdecision_complete": _("Confirm only what is right in every point of the list; otherwise refuse."),
    "security_reviewdecision_cooled": _REVIEW_WAITS,
    "security_reviewdecision_drawn": _("Somebody else was drawn to look at this."),
    "security_reviewdecision_follows": _REVIEW_FIRST,
    "security_reviewdecision_fresh": _STEP_UP_OLD,
    "security_reviewdecision_once": _("You have decided on this already."),
    "security_reviewdecision_one_a_place": _TOGETHER,
    "security_reviewdecision_place": _TOGETHER,
    "security_reviewdecision_place_check": _REVIEW_FIRST,
    "security_reviewdecision_reason_check": _("Say why, in 1 to 1 000 characters."),
    "security_reviewdecision_reviewer_stepup_id_key": _STEP_UP_USED,
    "security_reviewdecision_stepup": _STEP_UP_OTHER,
    "security_reviewdecision_two": _REVIEWER,
    "security_fundpolicychange_above_check": _("The amount is zero or more, in units of the asset."),
    "security_fundpolicychange_asset_check": _(
        "Write the asset as the exchange does: capital letters and digits, like BTC. Nothing means every asset."
    ),
    "security_fundpolicychange_cooling_off_s_check": _("The waiting time is zero hours or more."),
    "security_fundpolicychange_risk_check": _("The risk is normal or high."),
    "security_fundpolicychange_public_id_key": _PROPOSED,
    "security_fundpolicychange_proposer_stepup_id_key": _STEP_UP_USED,
    "security_fundpolicychange_confirmer_stepup_id_key": _STEP_UP_USED,
    "security_fundpolicychange.is_guarded": _("There is no such kind of action. Choose one from the list."),
    "security_policychange_kind": _("There is no such kind of action. Choose one from the list."),
    "security_policychange_floor": _FLOOR,
    "security_policychange_methods": _(
        "High risk takes a passkey alone, never a code, and a review stands in only where factors are reset or changed."
    ),
    "security_policychange_review_waits": _("Where a review can stand in, it takes a second person and 72 hours."),
    "security_policychange_fresh": _STEP_UP_OLD,
    "security_policychange_confirmed_fresh": _STEP_UP_OLD,
    "security_policychange_two": _CONFIRMER,
    "security_policychange_proposer": _STEP_UP_OTHER,
    "security_policychange_confirmer": _STEP_UP_OTHER,
    "security_reviewerdraw_once": _TOGETHER,
    "security_reviewerdraw_place": _TOGETHER,
    "security_reviewerdraw_place_check": _("Six people have been drawn for this review, as many as may be."),
}
# What a trigger says that names no constraint.
BY_MESSAGE: Mapping[str, object] = {
    "somebody has been drawn already; another can be after 15 minutes": _(
        "Somebody has been drawn already. Another person can be drawn after 15 minutes."
    ),
    "nobody of another team may approve this": _(
        "Nobody is there to approve: it takes a lead or somebody in compliance whose training counts and who shares no"
        " team with you, and you need a team. Tell your lead."
    ),
    "a review was refused: only the customer's appeal opens another within 30 days": _(
        "A review of this customer was refused: only their own appeal opens another within 30 days."
    ),
    "another review of this customer is open": _("Another review of this customer is open. Look at it first."),
    "two have been drawn already; another can be after four hours": _(
        "Two reviewers have been drawn already. Another can be drawn after four hours."
    ),
    "nobody of another team may review this": _(
        "Nobody is there to review: it takes two leads or people in compliance whose training counts, of two teams,"
        " neither of them yours. Tell your lead."
    ),
    "who reviews must be of another team, and in a role that may": _REVIEWER,
    "who reviewed must be of other teams, and in a role that may": _REVIEWER,
    "two reviewers have not confirmed this": _("Two reviewers look at this first. They have not both confirmed it."),
    "a decision on documents holds for a day": _(
        "The reviewers' word is more than a day old. Ask for the action again."
    ),
    "who approves must be of another team, and in a role that may": _SECOND,
    "who confirms must be of another team, and in a role that may": _CONFIRMER,
    "training is recorded by an administrator": _ADMINISTRATORS,
    "training is withdrawn by an administrator": _ADMINISTRATORS,
    "a change of policy is proposed by a lead, compliance or an administrator": _(
        "A change of policy is proposed by a lead, compliance or an administrator."
    ),
}
OF_STAFF: Mapping[Code, object] = {
    Code.REFUSED: _("That was not accepted. Use the passkey or code that is registered for you, and try again."),
    Code.LOCKED: _("Five wrong answers: nothing of yours is compared for 15 minutes."),
    Code.EXPIRED: _("This confirmation took too long or has been used. Begin it again: nothing you typed is lost."),
    Code.NO_FACTOR: _("You have no passkey that counts for this yet. Add one on the page of your account."),
    Code.BAD_REQUEST: _("The browser's answer could not be read. Try again."),
    Code.UNAVAILABLE: AWAY,
}


def of_database(error: IntegrityError) -> str:
    """Return the sentence for what a constraint or trigger of the rule refused; an unknown one is logged."""
    found = getattr(error.__cause__, "diag", None)
    said = _of(found, "message_primary")
    name = _of(found, "constraint_name")
    column = f"{_of(found, 'table_name')}.{_of(found, 'column_name')}"
    if name == "training_ran_out":
        return of_training(datetime.fromisoformat(_of(found, "message_detail")))
    for sentences, key in ((BY_CONSTRAINT, name), (BY_CONSTRAINT, column), (BY_MESSAGE, said)):
        if key in sentences:
            return str(sentences[key])
    log.warning("fund_rule_refusal_without_words", constraint=name, said=said)
    return str(GENERAL)


def is_about(error: BaseException | None, constraint: str) -> bool:
    """Whether it is this constraint of the rule that refused."""
    found = getattr(getattr(error, "__cause__", None), "diag", None)
    return isinstance(error, IntegrityError) and _of(found, "constraint_name") == constraint


def of_training(ran_out_at: datetime | None) -> str:
    """Return the sentence for who may not act: their training ran out then, or there is none."""
    if ran_out_at is None:
        return str(_UNTRAINED)
    return str(_TRAINING_RAN_OUT) % {"day": date_format(timezone.localtime(ran_out_at), "DATE_FORMAT")}


def of_step_up(error: RefusedError | VerifierAwayError) -> str:
    """Return the sentence for a member of staff whose step-up came to nothing."""
    return str(OF_STAFF.get(error.code, GENERAL) if isinstance(error, RefusedError) else AWAY)


def _of(found: object, name: str) -> str:
    return str(getattr(found, name, None) or "")
