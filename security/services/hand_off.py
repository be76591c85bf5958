"""Signing customers in by the exchange's signed hand-off: the authorization code flow in small (RFC 6749, RFC 7636)."""

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from jwt.utils import base64url_encode

from accounts.services import exchange_accounts
from accounts.services.exchange_accounts import Profile
from core import audit, clock, crypto
from core.clock import from_now
from security.exchange import client as exchange
from security.exchange import hand_off_token
from security.exchange.client import ExchangeAway
from security.exchange.hand_off_token import Claims
from security.exchange.signed_token import BadToken, KeysResting
from security.models import CustomerSession, UsedHandOff
from security.services import announcements, customer_sessions, exchange_events
from security.services.customer_sessions import Opened

EXCHANGE_CODE = "/support/token"
KEPT_FOR_S = 10 * 60
# Far longer than any token lives.
REMEMBERED = timedelta(days=1)
__all__ = ["Accepted", "Begun", "ExchangeAway", "NotHandedOff", "accept", "begin", "identify"]


class NotHandedOff(Exception):
    """Nobody was handed over; the word says why, for the audit log and for the page's choice of a sentence."""


@dataclass(frozen=True, slots=True)
class Begun:
    """Where the browser goes now, and what it keeps until it comes back: sealed to us, ten minutes old at most."""

    url: str
    kept: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """A hand-off that has opened a session, and the page that was asked for before it."""

    opened: Opened
    next_path: str
    is_new: bool


def begin(*, next_path: str, redirect_uri: str, max_age_s: int | None = None) -> Begun:
    """Return the exchange's address to go to. Nothing is written: state, nonce and verifier stay in the browser.

    With `max_age_s` the exchange signs the person in again when their sign-in there is older.
    """
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    challenge = base64url_encode(hashlib.sha256(verifier.encode()).digest()).decode("ascii")
    asked = {"state": state, "nonce": nonce, "code_challenge": challenge, "redirect_uri": redirect_uri}
    query = urlencode(asked if max_age_s is None else asked | {"max_age": str(max_age_s)})
    kept = crypto.encrypt(json.dumps([state, nonce, verifier, next_path, clock.now().timestamp()]))
    return Begun(f"{settings.EXCHANGE_SITE_URL}/support/hand-off?{query}", kept)


def accept(*, request: HttpRequest, code: str, state: str, kept: str, redirect_uri: str) -> Accepted:
    """Trade `code` for the exchange's word on who came, and open a session for them.

    Raises NotHandedOff (recorded; one word says which check failed), ExchangeAway.
    """
    try:
        begun_state, nonce, verifier, next_path = _opened(kept)
        if not code or not constant_time_compare(begun_state, state):
            raise NotHandedOff("state")
        claims = _claims(code, verifier, nonce, redirect_uri)
        former = customer_sessions.of_token(token=request.COOKIES.get(settings.PORTAL_COOKIE_NAME, ""))
        opened, is_new = _sign_in(request, claims, former)
    except NotHandedOff as refused:
        audit.record_now("portal.hand_off_refused", actor=audit.ANONYMOUS, detail={"reason": str(refused)})
        raise
    return Accepted(opened, next_path, is_new)


def identify(*, request: HttpRequest, token: str, secret: str, former: CustomerSession | None) -> CustomerSession:
    """Take the exchange's word, brought by the page that embeds the chat, on who sits there; return their session.

    `secret` never leaves the chat's frame: the token names its digest, so that it is of no use anywhere else (as in
    RFC 7636). `former`, the frame's session until now, goes on when it is the same customer's, and ends otherwise.
    Raises NotHandedOff (recorded), ExchangeAway.
    """
    nonce = base64url_encode(hashlib.sha256(secret.encode()).digest()).decode("ascii")
    try:
        try:
            claims = hand_off_token.read_for_chat(token, nonce=nonce)
        except BadToken as bad:
            raise NotHandedOff(str(bad)) from bad
        except KeysResting as resting:
            raise ExchangeAway("keys") from resting
        return _identified(request, claims, former)
    except NotHandedOff as refused:
        audit.record_now("chat.identity_refused", actor=audit.ANONYMOUS, detail={"reason": str(refused)})
        raise


def _identified(request: HttpRequest, claims: Claims, former: CustomerSession | None) -> CustomerSession:
    with transaction.atomic():
        known = exchange_accounts.find(issuer=claims.issuer, account_id=claims.account_id)
        if former is not None and known is not None and former.customer_id == known.pk:
            _use_up(claims)
            customer_sessions.touch(session=former)
            return former
        return _sign_in(request, claims, former)[0].session


def _opened(kept: str) -> tuple[str, str, str, str]:
    """Return state, nonce, verifier and next page; what is forged or older than ten minutes was never begun."""
    try:
        state, nonce, verifier, next_path, begun_at = json.loads(crypto.decrypt(kept)) if kept else ("",) * 5
    except (ImproperlyConfigured, ValueError) as error:
        raise NotHandedOff("state") from error
    if not state or not 0 <= clock.now().timestamp() - float(begun_at) <= KEPT_FOR_S:
        raise NotHandedOff("state")
    return state, nonce, verifier, next_path


def _claims(code: str, verifier: str, nonce: str, redirect_uri: str) -> Claims:
    answer = exchange.post(EXCHANGE_CODE, {"code": code, "code_verifier": verifier, "redirect_uri": redirect_uri})
    token = answer.body.get("token")
    if not answer.is_good or not isinstance(token, str):
        raise NotHandedOff("code")
    try:
        return hand_off_token.read(token, nonce=nonce)
    except BadToken as bad:
        raise NotHandedOff(str(bad)) from bad


def _sign_in(request: HttpRequest, claims: Claims, former: CustomerSession | None) -> tuple[Opened, bool]:
    with transaction.atomic():
        _use_up(claims)
        customer, is_new = exchange_accounts.recognise(
            issuer=claims.issuer,
            account_id=claims.account_id,
            profile=Profile(
                name=claims.name,
                email=claims.email,
                is_email_verified=claims.is_email_verified,
                locale=claims.locale,
                time_zone=claims.time_zone,
            ),
        )
        opened = customer_sessions.open_session(
            request=request, customer=customer, auth_time=claims.auth_time, amr=claims.amr, former=former
        )
        if is_new:
            announcements.tell(customer=customer, what=announcements.What.CONNECTED)
            exchange_events.look_again(account_id=claims.account_id)
    return opened, is_new


def _use_up(claims: Claims) -> None:
    """Keep that this token was used; of two uses at once the unique key lets one through."""
    UsedHandOff.objects.filter(used_at__lt=from_now(-REMEMBERED)).delete()
    try:
        with transaction.atomic():
            UsedHandOff.objects.create(issuer=claims.issuer, jti=claims.jti)
    except IntegrityError as error:
        raise NotHandedOff("used") from error


def end(*, session: CustomerSession) -> None:
    """Sign this browser out."""
    customer_sessions.end(session=session, reason="signed_out", actor=session.customer.actor)
