"""Rows that say who people are."""

from accounts.models.brand import Brand
from accounts.models.customer import Customer, CustomerAddress
from accounts.models.exchange_account import ExchangeAccount
from accounts.models.staff import Staff
from accounts.models.team import Team, TeamMembership

__all__ = ["Brand", "Customer", "CustomerAddress", "ExchangeAccount", "Staff", "Team", "TeamMembership"]
