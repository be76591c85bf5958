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
from security.models.portal import ActionDenial, ActionNotice, FactorsToEnd, FactorToKeep
from security.models.proofs import Ceremony, FactorSecret, ProofLock, StaffFactor, StaffFactorEnd
from security.models.reveals import HoneyCustomer, Reveal, RevealRefusal
from security.models.review_documents import ReviewDocument, ReviewDocumentView
from security.models.reviews import Decision, ManualReview, ReviewAppeal, ReviewDecision, ReviewerDraw
from security.models.session import StaffSession
from security.models.signals import ExchangeEvent, ExchangeSignal, SignalKind, SignalPolicy
from security.models.steps import FundDecline, FundOutcome, FundStep
from security.models.support_pin import SupportPinTries, SupportPinUse
from security.models.training import TrainingCertificate, TrainingWithdrawal

__all__ = [
    "ActionDenial",
    "ActionNotice",
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
    "ExchangeEvent",
    "ExchangeSignal",
    "Execution",
    "FactorEnd",
    "FactorSecret",
    "FactorToKeep",
    "FactorsToEnd",
    "Freeze",
    "FreezeOrder",
    "FundAction",
    "FundDecline",
    "FundKind",
    "FundOrder",
    "FundOutcome",
    "FundPolicy",
    "FundPolicyChange",
    "FundStep",
    "HoneyCustomer",
    "IdentityCheck",
    "Invitation",
    "ManualReview",
    "OfficialChannel",
    "ProofLock",
    "RecoveryCode",
    "Reveal",
    "RevealRefusal",
    "ReviewAppeal",
    "ReviewDecision",
    "ReviewDocument",
    "ReviewDocumentView",
    "ReviewerDraw",
    "SignalKind",
    "SignalPolicy",
    "StaffFactor",
    "StaffFactorEnd",
    "StaffSession",
    "StepUp",
    "SupportLock",
    "SupportPinTries",
    "SupportPinUse",
    "TotpDevice",
    "TrainingCertificate",
    "TrainingWithdrawal",
    "UsedHandOff",
]
