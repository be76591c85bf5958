"""A passkey device inside Chromium (CDP, domain WebAuthn): what it is asked, it answers by itself, with its person verified.

It belongs to the page it was added to, and is gone with it.
"""

from typing import Any
from weakref import WeakKeyDictionary

from playwright.sync_api import CDPSession, Page

OPTIONS = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
_opened: WeakKeyDictionary[Page, CDPSession] = WeakKeyDictionary()


def add(page: Page, **changed: Any) -> str:
    """Give this page a device, and return its id; `changed` are options of CDP's, such as defaultBackupEligibility."""
    session = _session(page)
    added = session.send("WebAuthn.addVirtualAuthenticator", {"options": OPTIONS | changed})
    return str(added["authenticatorId"])


def credentials(page: Page, authenticator: str) -> list[dict[str, Any]]:
    """Return the passkeys on the device."""
    found: list[dict[str, Any]] = _session(page).send("WebAuthn.getCredentials", {"authenticatorId": authenticator})[
        "credentials"
    ]
    return found


def remove(page: Page, authenticator: str) -> None:
    """Take the device away, with the passkeys on it."""
    _session(page).send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": authenticator})


def verify(page: Page, authenticator: str, *, is_right: bool) -> None:
    """Let the device know its person, or not: then nothing is answered."""
    given = {"authenticatorId": authenticator, "isUserVerified": is_right}
    _session(page).send("WebAuthn.setUserVerified", given)


def _session(page: Page) -> CDPSession:
    """Return the page's one session: what it added is gone when another is opened."""
    if page not in _opened:
        session = page.context.new_cdp_session(page)
        session.send("WebAuthn.enable", {"enableUI": False})
        _opened[page] = session
    return _opened[page]
