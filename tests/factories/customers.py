"""Customers at the portal for tests: with an account at the exchange, and signed in."""

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest
from django.test import Client, RequestFactory

from accounts.models import Customer
from accounts.services import exchange_accounts
from accounts.services.exchange_accounts import Profile
from core import clock
from security.models import CustomerSession
from security.services import customer_sessions
from tickets.models import Ticket
from tickets.services import portal_requests


def portal_customer(
    account_id: str = "acc-1", email: str = "mina@example.com", name: str = "Mina Customer", **profile: str
) -> Customer:
    """Return the customer of this account of the exchange."""
    found, _is_new = exchange_accounts.recognise(
        issuer=settings.EXCHANGE_ISSUER,
        account_id=account_id,
        profile=Profile(name=name, email=email, is_email_verified=True, **profile),
    )
    return found


def open_portal(client: Client, customer: Customer, amr: tuple[str, ...] = ("pwd", "otp", "mfa")) -> CustomerSession:
    """Sign this customer in at the portal in `client`, after they signed in so at the exchange; return the session."""
    request: HttpRequest = RequestFactory().get(
        "/", headers={"user-agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"}
    )
    opened = customer_sessions.open_session(
        request=request, customer=customer, auth_time=clock.now() - timedelta(seconds=5), amr=amr
    )
    client.cookies[settings.PORTAL_COOKIE_NAME] = opened.token
    return opened.session


def portal_ticket(customer: Customer, text: str = "Where is my deposit?", subject: str = "Deposit missing") -> Ticket:
    """Return a request that this customer has opened at the portal."""
    return portal_requests.open_request(customer=customer, asked=portal_requests.Asked(subject=subject, text=text))


__all__ = ["open_portal", "portal_customer", "portal_ticket"]
