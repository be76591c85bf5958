"""Handing a signed-in customer to Pharos' portal: the OIDC authorization code flow in small, with PKCE (S256)."""

import hashlib
import hmac
import json
import re
import secrets
import sqlite3
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from sandbox import configuration, signing, storage
from sandbox.pharos import base64url
from sandbox.problems import Problem

CODE_LIFE = timedelta(seconds=60)
TOKEN_LIFE_S = 60
AUDIENCE = "pharos-portal"
TYPE = "hand-off+jwt"
CHAT_AUDIENCE = "pharos-chat"
CHAT_TYPE = "chat-identity+jwt"
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
LONGEST = 512


@dataclass(frozen=True)
class Request:
    """What the portal asks for; every part is checked before anybody is sent anywhere."""

    state: str
    nonce: str
    code_challenge: str
    redirect_uri: str
    # Seconds since the person signed in, at most; None when any session will do.
    max_age: int | None

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Request":
        """Read the query; raises Problem 400, so that nobody is sent to an address that is not Pharos'."""
        state, nonce, challenge, redirect_uri, max_age = (
            query.get(name, "") for name in ("state", "nonce", "code_challenge", "redirect_uri", "max_age")
        )
        if redirect_uri != configuration.current().redirect_uri:
            raise Problem(HTTPStatus.BAD_REQUEST, "redirect_uri", "This is not the portal's address.")
        if not (0 < len(state) <= LONGEST and 0 < len(nonce) <= LONGEST and CHALLENGE.fullmatch(challenge)):
            raise Problem(HTTPStatus.BAD_REQUEST, "malformed", "state, nonce and code_challenge (S256) are needed.")
        if max_age and not re.fullmatch(r"[0-9]{1,6}", max_age):
            raise Problem(HTTPStatus.BAD_REQUEST, "malformed", "max_age is a number of seconds.")
        return cls(state, nonce, challenge, redirect_uri, int(max_age) if max_age else None)

    def accepts(self, auth_time: int) -> bool:
        """Return whether somebody who signed in then needs not do so again."""
        return self.max_age is None or time.time() - auth_time <= self.max_age


def grant(work: sqlite3.Connection, session: sqlite3.Row, asked: Request) -> str:
    """Return the portal's address with a code for this session's person, good for a minute and once."""
    code = secrets.token_urlsafe(32)
    work.execute("DELETE FROM hand_off WHERE expires_at < ?", (storage.stamp(storage.now()),))
    work.execute(
        "INSERT INTO hand_off VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            hashed(code), session["account_id"], session["token_hash"], asked.nonce, asked.code_challenge,
            asked.redirect_uri, session["auth_time"], session["amr"], storage.stamp(storage.now() + CODE_LIFE),
        ),
    )  # fmt: skip
    return f"{asked.redirect_uri}?{urlencode({'code': code, 'state': asked.state})}"


class Exchanging:
    """The exchange of a code for a token."""

    def token(self, work: sqlite3.Connection, body: Mapping[str, Any]) -> str:
        """Return the signed hand-off; a code that was tried is gone, right or wrong."""
        code, verifier, redirect_uri = (str(body.get(name, "")) for name in ("code", "code_verifier", "redirect_uri"))
        row = self.taken(work, code)
        if row is None or row["expires_at"] <= storage.stamp(storage.now()):
            raise self.refusal("The code is unknown, used or over.")
        if row["redirect_uri"] != redirect_uri:
            raise self.refusal("The code was made for another address.")
        if not self.verifier_fits(verifier, row["code_challenge"]):
            raise self.refusal("The verifier does not fit.")
        return _sign(work, row)

    def taken(self, work: sqlite3.Connection, code: str) -> sqlite3.Row | None:
        """Take the code away and return it."""
        found: sqlite3.Row | None = work.execute(
            "DELETE FROM hand_off WHERE code_hash = ? RETURNING *", (hashed(code),)
        ).fetchone()
        return found

    def verifier_fits(self, verifier: str, challenge: str) -> bool:
        """Return whether this is the browser session that began (RFC 7636)."""
        if not VERIFIER.fullmatch(verifier):
            return False
        return hmac.compare_digest(base64url(hashlib.sha256(verifier.encode()).digest()), challenge)

    def refusal(self, why: str) -> "CodeRefused":
        """Return the refusal, which keeps what was written: the code is gone."""
        return CodeRefused(HTTPStatus.BAD_REQUEST, "invalid_grant", why)


class CodeRefused(Problem):
    """A code that buys nothing, now or later."""


def chat_identity(work: sqlite3.Connection, session: sqlite3.Row, nonce: str) -> str:
    """Return the signed word on who is signed in, for the chat's frame that made `nonce` alone."""
    if not CHALLENGE.fullmatch(nonce):
        raise Problem(HTTPStatus.BAD_REQUEST, "malformed", "nonce is a SHA-256 in base64url.")
    return _sign(work, {**dict(session), "nonce": nonce}, audience=CHAT_AUDIENCE, typ=CHAT_TYPE)


def _sign(
    work: sqlite3.Connection, row: Mapping[str, Any] | sqlite3.Row, *, audience: str = AUDIENCE, typ: str = TYPE
) -> str:
    account = work.execute("SELECT * FROM account WHERE account_id = ?", (row["account_id"],)).fetchone()
    moment = int(time.time())
    claims = {
        "iss": configuration.current().issuer,
        "aud": audience,
        "sub": account["account_id"],
        "nonce": row["nonce"],
        "jti": secrets.token_urlsafe(16),
        "iat": moment,
        "exp": moment + TOKEN_LIFE_S,
        "auth_time": row["auth_time"],
        "amr": json.loads(row["amr"]),
        "name": account["name"],
        "email": account["email"],
        "email_verified": True,
        "locale": account["locale"],
        "zoneinfo": account["zoneinfo"],
    }
    return signing.sign(work, claims, typ=typ)


def hashed(code: str) -> str:
    """Return what is stored of a code."""
    return hashlib.sha256(code.encode()).hexdigest()
