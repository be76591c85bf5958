"""Chromium's own virtual authenticator, over its DevTools protocol."""

from playwright.sync_api import Page

OPTIONS = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


def add(page: Page) -> str:
    """Give the page an authenticator that says yes by itself; return its id."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    return str(session.send("WebAuthn.addVirtualAuthenticator", {"options": OPTIONS})["authenticatorId"])
