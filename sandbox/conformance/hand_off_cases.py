"""The hand-off of a signed-in person: code, PKCE, token. The person is signed in by the caller (a cookie)."""

import hashlib
import secrets
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt

from sandbox import transport
from sandbox.conformance.case import Failed, NotTried, Scene, case, ensure, expect, expect_problem
from sandbox.pharos import base64url
from sandbox.transport import Response

GROUP = "hand-off"


@dataclass(frozen=True)
class Browser:
    """What the portal keeps of one attempt."""

    state: str
    nonce: str
    verifier: str

    @property
    def challenge(self) -> str:
        """The verifier's S256."""
        return base64url(hashlib.sha256(self.verifier.encode()).digest())


def _browser() -> Browser:
    return Browser(secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48))


def _visit(scene: Scene, cookie: str, **query: str) -> Response:
    headers = {"Cookie": cookie} if cookie else {}
    return transport.send("GET", f"{scene.target.site_url}/support/hand-off?{urlencode(query)}", headers=headers)


def _query(scene: Scene, browser: Browser) -> dict[str, str]:
    return {
        "state": browser.state, "nonce": browser.nonce, "code_challenge": browser.challenge,
        "redirect_uri": scene.target.redirect_uri,
    }  # fmt: skip


def _code(scene: Scene, browser: Browser) -> str:
    if not scene.target.cookie:
        raise NotTried("needs --cookie")
    answer = _visit(scene, scene.target.cookie, **_query(scene, browser))
    ensure(answer.status in {302, 303}, f"a redirect expected, {answer.status} came")
    place = answer.headers.get("location", "")
    ensure(place.startswith(f"{scene.target.redirect_uri}?"), "not sent to the portal: is the cookie of a session?")
    sent = parse_qs(urlsplit(place).query)
    ensure(sent.get("state") == [browser.state], "state is another")
    return sent["code"][0]


def _exchange(scene: Scene, code: str, verifier: str, **changes: str) -> Response:
    body: dict[str, Any] = {"code": code, "code_verifier": verifier, "redirect_uri": scene.target.redirect_uri}
    return scene.gateway.send("POST", "/support/token", body | changes)


def _refused(answer: Response) -> None:
    ensure(400 <= answer.status < 500 and "token" not in answer.json(), f"4xx expected, {answer.status} came")


@case(GROUP, "another redirect_uri, or no PKCE: nobody is sent anywhere")
def _redirect(scene: Scene) -> None:
    whole = _query(scene, _browser())
    for bent in (
        whole | {"redirect_uri": "https://evil.example/"},
        whole | {"redirect_uri": f"{scene.target.redirect_uri}.evil.example"},
        whole | {"code_challenge": ""},
        whole | {"state": ""},
    ):
        answer = _visit(scene, scene.target.cookie, **bent)
        ensure(400 <= answer.status < 500, f"4xx expected, {answer.status} came")


@case(GROUP, "nobody signed in: no code")
def _nobody(scene: Scene) -> None:
    answer = _visit(scene, "", **_query(scene, _browser()))
    place = answer.headers.get("location", "")
    ensure(not place.startswith(scene.target.redirect_uri), "sent to the portal without a session")


@case(GROUP, "an unknown code, or one without a signed request: refused")
def _unknown(scene: Scene) -> None:
    _refused(_exchange(scene, "no-such-code", _browser().verifier))
    body = {"code": "x", "code_verifier": "y", "redirect_uri": scene.target.redirect_uri}
    expect_problem(scene.gateway.send("POST", "/support/token", body, bearer=""), 401)


@case(GROUP, "a code buys one token, signed for the portal, with fresh times and both factors")
def _token(scene: Scene) -> None:
    browser = _browser()
    code = _code(scene, browser)
    token = str(expect(_exchange(scene, code, browser.verifier), 200)["token"])
    claims = _verified(scene, token)
    needed = {"sub", "jti", "auth_time", "amr", "name", "email", "email_verified", "locale", "zoneinfo"}
    ensure(claims.keys() >= needed, f"lacks {', '.join(sorted(needed - claims.keys()))}")
    ensure(claims["nonce"] == browser.nonce, "nonce is another")
    ensure(0 < claims["exp"] - claims["iat"] <= 60, "lives longer than 60 s")
    ensure(claims["auth_time"] <= time.time() + 5 and "mfa" in claims["amr"], "auth_time or amr is wrong")
    _refused(_exchange(scene, code, browser.verifier))


@case(GROUP, "another verifier or redirect_uri: refused, and the code is gone")
def _pkce(scene: Scene) -> None:
    for verifier, changes in (("v" * 64, {}), ("", {}), (None, {"redirect_uri": "https://evil.example/"})):
        browser = _browser()
        code = _code(scene, browser)
        _refused(_exchange(scene, code, browser.verifier if verifier is None else verifier, **changes))
        _refused(_exchange(scene, code, browser.verifier))


def _verified(scene: Scene, token: str) -> dict[str, Any]:
    header = jwt.get_unverified_header(token)
    ensure((header.get("typ"), header.get("alg")) == ("hand-off+jwt", "EdDSA"), "another type or algorithm")
    found = expect(scene.gateway.send("GET", "/.well-known/jwks.json", bearer=""), 200)
    keys = [key for key in jwt.PyJWKSet.from_dict(found).keys if key.key_id == header.get("kid")]
    ensure(len(keys) == 1, "the key that signed is not published")
    try:
        claims: dict[str, Any] = jwt.decode(
            token, keys[0], algorithms=["EdDSA"], audience="pharos-portal", issuer=scene.target.issuer
        )
    except jwt.InvalidTokenError as error:
        raise Failed(f"the token: {error}") from error
    return claims
