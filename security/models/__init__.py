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
from security.models.session import StaffSession

__all__ = [
    "AntiPhishingPhrase",
    "ApiToken",
    "Approval",
    "ApproverDraw",
    "CustomerFactor",
    "CustomerSession",
    "Execution",
    "FactorEnd",
    "Freeze",
    "FreezeOrder",
    "FundAction",
    "FundKind",
    "FundPolicy",
    "FundPolicyChange",
    "IdentityCheck",
    "Invitation",
    "RecoveryCode",
    "StaffSession",
    "StepUp",
    "SupportLock",
    "TotpDevice",
    "UsedHandOff",
]
