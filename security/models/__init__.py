"""Rows that prove and permit."""

from security.models.api_token import ApiToken
from security.models.factors import RecoveryCode, TotpDevice
from security.models.invitation import Invitation
from security.models.session import StaffSession

__all__ = ["ApiToken", "Invitation", "RecoveryCode", "StaffSession", "TotpDevice"]
