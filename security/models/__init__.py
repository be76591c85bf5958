"""Rows that prove and permit."""

from security.models.api_token import ApiToken
from security.models.customer import AntiPhishingPhrase, CustomerSession, FreezeOrder, SupportLock, UsedHandOff
from security.models.factors import RecoveryCode, TotpDevice
from security.models.fund import (
    Approval,
    ApproverDraw,
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
from security.models.session import StaffSession
from security.models.steps import FundDecline, FundStep

__all__ = [
    "AntiPhishingPhrase",
    "ApiToken",
    "Approval",
    "ApproverDraw",
    "Ceremony",
    "ChannelReport",
    "CustomerFactor",
    "CustomerSession",
    "Execution",
    "FactorEnd",
    "FactorSecret",
    "Freeze",
    "FreezeOrder",
    "FundAction",
    "FundDecline",
    "FundKind",
    "FundOrder",
    "FundPolicy",
    "FundPolicyChange",
    "FundStep",
    "IdentityCheck",
    "Invitation",
    "OfficialChannel",
    "ProofLock",
    "RecoveryCode",
    "StaffFactor",
    "StaffFactorEnd",
    "StaffSession",
    "StepUp",
    "SupportLock",
    "TotpDevice",
    "UsedHandOff",
]
