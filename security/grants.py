"""What each role may do with the tables that prove and permit."""

from core.grants import ALL, CLOSED, READ_ONLY, Grant

GRANTS: dict[str, Grant] = {
    "security.TotpDevice": Grant(
        insert=ALL,
        update=("secret", "confirmed_at", "last_step", "failures", "locked_until"),
        delete=True,
    ),
    "security.RecoveryCode": Grant(insert=ALL, update=("used_at",), delete=True),
    "security.Invitation": Grant(insert=ALL, update=("used_at", "revoked_at")),
    "security.StaffSession": Grant(insert=ALL, update=("seen_at", "ended_at", "end_reason", "session_digest")),
    "security.ApiToken": Grant(insert=ALL, update=("revoked_at", "used_at")),
    # What a channel is never changes: only what it is to us.
    "security.OfficialChannel": Grant(insert=ALL, update=("state", "note")),
    "security.ChannelReport": Grant(insert=ALL, update=("state",)),
    # Customers at the portal. What a session stands on is written once; a lock is only ever made longer, by a trigger.
    "security.CustomerSession": Grant(insert=ALL, update=("seen_at", "ended_at", "end_reason")),
    "security.UsedHandOff": Grant(insert=ALL, delete=True),
    "security.AntiPhishingPhrase": Grant(insert=ALL, update=("phrase", "set_at")),
    "security.SupportPinTries": Grant(insert=ALL, update=("wrong", "locked_until")),
    "security.SupportPinUse": Grant(insert=ALL),
    "security.SupportLock": Grant(insert=("customer_id", "until"), update=("until",)),
    "security.FreezeOrder": Grant(
        insert=ALL,
        update=(
            "state",
            "attempts",
            "next_attempt_at",
            "lease_token",
            "lease_until",
            "last_error",
            "answered_at",
        ),
    ),
    # The rule: what is asked for is inserted, what it stands on is read, and the database fills in the rest.
    "security.StepUp": READ_ONLY,
    "security.FundKind": READ_ONLY,
    "security.FundPolicy": READ_ONLY,
    "security.FundPolicyChange": Grant(
        insert=(
            "public_id",
            "kind",
            "asset",
            "above",
            "risk",
            "methods",
            "needs_approval",
            "cooling_off_s",
            "proposer_id",
            "proposer_stepup_id",
            "proposer_verified_at",
        ),
        update=("confirmer_id", "confirmer_stepup_id", "confirmer_verified_at"),
    ),
    "security.FundAction": Grant(
        insert=(
            "public_id",
            "kind",
            "operation",
            "subject",
            "customer_id",
            "ticket_id",
            "asset",
            "network",
            "amount",
            "destination",
            "tag",
            "requester_id",
            "requester_stepup_id",
            "requester_verified_at",
        )
    ),
    "security.ApproverDraw": Grant(insert=("action_id",)),
    "security.CustomerFactor": READ_ONLY,
    "security.FactorEnd": READ_ONLY,
    "security.ActionDenial": Grant(insert=("action_id",)),
    "security.ActionNotice": Grant(insert=ALL),
    "security.FactorToKeep": Grant(insert=ALL, delete=True),
    "security.FactorsToEnd": Grant(insert=ALL, update=("ended_at", "last_error")),
    "security.IdentityCheck": Grant(insert=("public_id", "action_id", "method")),
    "security.Approval": Grant(insert=("action_id", "approver_id", "approver_stepup_id", "approver_verified_at")),
    "security.Execution": Grant(insert=("action_id", "check_id", "approver_id")),
    # Decided and written by core.reveal() alone.
    "security.Reveal": READ_ONLY,
    "security.RevealRefusal": READ_ONLY,
    "security.HoneyCustomer": Grant(insert=ALL, delete=True),
    # A review: who looks, and what they find, is the database's and theirs.
    "security.ManualReview": Grant(insert=("public_id", "action_id", "appeal_of_id")),
    "security.ReviewerDraw": Grant(insert=("review_id",)),
    "security.ReviewDecision": Grant(
        insert=(
            "review_id",
            "reviewer_id",
            "decision",
            "is_readable",
            "is_in_date",
            "name_matches",
            "face_matches",
            "reason",
            "reviewer_stepup_id",
            "reviewer_verified_at",
        )
    ),
    "security.ReviewAppeal": Grant(insert=("review_id",)),
    # A document ends by losing its key; one that waits is taken by a review of its customer.
    "security.ReviewDocument": Grant(insert=ALL, update=("key", "removed_at", "review_id")),
    "security.ReviewDocumentView": Grant(insert=ALL),
    # By core.fund_freeze(), and by an executed unfreeze.
    "security.Freeze": READ_ONLY,
    "security.FundOrder": Grant(
        insert=ALL,
        update=(
            "state",
            "attempts",
            "next_attempt_at",
            "lease_token",
            "lease_until",
            "last_error",
            "body",
            "code",
            "reference",
            "answered_at",
        ),
    ),
    # What the exchange signals: kept as it came; for how long it counts is the database's to say.
    "security.ExchangeEvent": Grant(
        insert=ALL,
        update=(
            "raw",
            "state",
            "reason",
            "attempts",
            "next_attempt_at",
            "lease_token",
            "lease_until",
            "last_error",
            "handled_at",
        ),
    ),
    "security.ExchangeSignal": Grant(
        insert=("public_id", "event", "customer_id", "kind", "occurred_at", "asset", "reference")
    ),
    "security.SignalPolicy": READ_ONLY,
    "security.FundStep": Grant(insert=ALL, update=("told_at",)),
    "security.FundDecline": Grant(insert=("action_id", "staff_id", "reason")),
    "security.FundOutcome": READ_ONLY,
    # Until when one counts, and which an act stands on, is the database's to say.
    "security.TrainingCertificate": Grant(insert=("public_id", "person_id", "recorded_by_id")),
    "security.TrainingWithdrawal": Grant(insert=("certificate_id", "withdrawn_by_id", "reason")),
    "security.StaffFactor": READ_ONLY,
    "security.StaffFactorEnd": READ_ONLY,
    # The verifier's alone.
    "security.FactorSecret": CLOSED,
    "security.ProofLock": CLOSED,
    "security.Ceremony": CLOSED,
}

# It says that a proof was given: it can neither ask for an action, nor approve, nor execute one.
VERIFIER_GRANTS: dict[str, Grant] = {
    "security.StepUp": Grant(
        insert=("public_id", "staff_id", "purpose", "bound_to", "method"),
        update=("attempts", "is_verified", "factor_id", "is_device_bound", "evidence"),
    ),
    "security.FundAction": READ_ONLY,
    "security.CustomerFactor": Grant(
        insert=("public_id", "customer_id", "method", "label", "exchange_id", "counts_from")
    ),
    "security.FactorEnd": Grant(insert=("factor_id",)),
    "security.IdentityCheck": Grant(update=("attempts", "is_verified", "factor_id", "factor_counts_from", "evidence")),
    "security.ReviewDecision": READ_ONLY,
    "security.StaffFactor": Grant(insert=("public_id", "staff_id", "method", "label", "is_device_bound")),
    "security.StaffFactorEnd": Grant(insert=("factor_id",)),
    "security.FactorSecret": Grant(insert=ALL, update=("last_step", "sign_count")),
    "security.ProofLock": Grant(insert=("person", "failures"), update=("failures", "locked_until")),
    "security.Ceremony": Grant(
        insert=("public_id", "person", "purpose", "secret", "challenge", "proven_at"), delete=True
    ),
}

RULE = (
    "security.StepUp",
    "security.FundKind",
    "security.FundPolicy",
    "security.FundPolicyChange",
    "security.FundAction",
    "security.ApproverDraw",
    "security.CustomerFactor",
    "security.FactorEnd",
    "security.IdentityCheck",
    "security.Approval",
    "security.Execution",
    "security.ManualReview",
    "security.ReviewerDraw",
    "security.ReviewDecision",
    "security.ReviewAppeal",
    "security.Freeze",
    "security.StaffFactor",
    "security.StaffFactorEnd",
    "security.SupportLock",
    "security.SignalPolicy",
    "security.ExchangeSignal",
    "security.ActionDenial",
    "security.FundDecline",
    "security.FundOutcome",
    "security.TrainingCertificate",
    "security.TrainingWithdrawal",
)
SEEN = ("security.Reveal", "security.RevealRefusal", "security.HoneyCustomer")
AUDITOR_GRANTS: dict[str, Grant] = dict.fromkeys((*RULE, *SEEN), READ_ONLY)
