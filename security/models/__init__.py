"""Rows that prove and permit."""

from security.models.api_token import ApiToken
from security.models.customer import AntiPhishingPhrase, CustomerSession, FreezeOrder, SupportLock, UsedHandOff
from security.models.factors import RecoveryCode, TotpDevice
from security.models.fund import (
    Approval,
    ApproverDraw,
    CheckMethod,
    CustomerFactor,
    Execution,
    FactorEnd,
    Freeze,
    FundAction,
    FundKind,
    FundPolicy,
    FundPolicyChange,
    IdentityCheck,
    StepUp,
)
from security.models.invitation import Invitation
from security.models.official import ChannelReport, OfficialChannel
from security.models.orders import FundOrder
from security.models.proofs import Ceremony, FactorSecret, ProofLock, StaffFactor, StaffFactorEnd
from security.models.review_documents import ReviewDocument, ReviewDocumentView
from security.models.reviews import Decision, ManualReview, ReviewAppeal, ReviewDecision, ReviewerDraw
from security.models.session import StaffSession

__all__ = [
    "AntiPhishingPhrase",
    "ApiToken",
    "Approval",
    "ApproverDraw",
    "Ceremony",
    "ChannelReport",
    "CheckMethod",
    "CustomerFactor",
    "CustomerSession",
    "Decision",
    "Execution",
    "FactorEnd",
    "FactorSecret",
    "Freeze",
    "FreezeOrder",
    "FundAction",
    "FundKind",
    "FundOrder",
    "FundPolicy",
    "FundPolicyChange",
    "IdentityCheck",
    "Invitation",
    "ManualReview",
    "OfficialChannel",
    "ProofLock",
    "RecoveryCode",
    "ReviewAppeal",
    "ReviewDecision",
    "ReviewDocument",
    "ReviewDocumentView",
    "ReviewerDraw",
    "StaffFactor",
    "StaffFactorEnd",
    "StaffSession",
    "StepUp",
    "SupportLock",
    "TotpDevice",
    "UsedHandOff",
]
