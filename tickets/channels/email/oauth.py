"""Access tokens for XOAUTH2: a stored refresh token is traded for a short-lived one over HTTPS (RFC 6749 section 6)."""

import json
import ssl
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from typing import Final

from tickets.channels.email.secure import ChannelDown, client_context
from tickets.models import Mailbox

TIMEOUT_S: Final = 15
_EARLY_S: Final = 60
_MAX_ANSWER_BYTES: Final = 64 * 1024

_lock = threading.Lock()
_tokens: dict[tuple[int, str], tuple[str, float]] = {}


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A token endpoint that redirects would hand our secret to somebody else."""

    def redirect_request(self, *_args: object, **_more: object) -> None:
        return None


def access_token(mailbox: Mailbox, refresh_token: str) -> str:
    """Return a current access token of `mailbox`; raises ChannelDown when the provider gives none."""
    key = (mailbox.pk, refresh_token)
    with _lock:
        token, until = _tokens.get(key, ("", 0.0))
        if until <= time.monotonic():
            token, life_s = _refresh(mailbox, refresh_token)
            _tokens[key] = (token, time.monotonic() + max(0.0, life_s - _EARLY_S))
    return token


def forget(mailbox: Mailbox) -> None:
    """Drop the cached tokens of `mailbox`: the server refused one."""
    with _lock:
        for key in [key for key in _tokens if key[0] == mailbox.pk]:
            del _tokens[key]


def xoauth2(user: str, token: str) -> str:
    """Return the SASL XOAUTH2 initial response (before base64)."""
    return f"user={user}\x01auth=Bearer {token}\x01\x01"


def _refresh(mailbox: Mailbox, refresh_token: str) -> tuple[str, float]:
    url = mailbox.oauth_token_url
    if urllib.parse.urlsplit(url).scheme != "https":
        message = "The OAuth token URL must begin with https://."
        raise ChannelDown(message)
    form = {
        "grant_type": "refresh_token",
        "refresh_token": refresh_token,
        "client_id": mailbox.oauth_client_id,
        "client_secret": mailbox.oauth_client_secret or "",
    }
    request = urllib.request.Request(url, data=urllib.parse.urlencode(form).encode(), method="POST")  # noqa: S310 -- https checked above
    opener = urllib.request.build_opener(_NoRedirect, urllib.request.HTTPSHandler(context=client_context(mailbox)))
    try:
        with opener.open(request, timeout=TIMEOUT_S) as response:
            answer = json.loads(response.read(_MAX_ANSWER_BYTES))
        return str(answer["access_token"]), float(answer.get("expires_in", 300))
    except urllib.error.HTTPError as error:
        message = f"The OAuth server refused the refresh token (HTTP {error.code})."
        raise ChannelDown(message) from error
    except (OSError, ssl.SSLError, ValueError, KeyError, TypeError) as error:
        message = f"The OAuth server gave no access token ({type(error).__name__})."
        raise ChannelDown(message) from error
