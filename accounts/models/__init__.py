"""Rows that say who people are."""

from accounts.models.absence import Absence
from accounts.models.brand import Brand
from accounts.models.customer import Customer, CustomerAddress
from accounts.models.exchange_account import ExchangeAccount
from accounts.models.presence import Presence
from accounts.models.push_device import PushDevice
from accounts.models.shift import Shift
from accounts.models.shift_feed import ShiftFeed
from accounts.models.shift_swap import ShiftSwap
from accounts.models.skill import Skill, StaffSkill
from accounts.models.staff import Staff
from accounts.models.staff_phone import StaffPhone
from accounts.models.team import Team, TeamMembership

__all__ = [
    "Absence",
    "Brand",
    "Customer",
    "CustomerAddress",
    "ExchangeAccount",
    "Presence",
    "PushDevice",
    "Shift",
    "ShiftFeed",
    "ShiftSwap",
    "Skill",
    "Staff",
    "StaffPhone",
    "StaffSkill",
    "Team",
    "TeamMembership",
]
