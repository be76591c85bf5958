"""What the sandbox exchange is told by its environment; docs/exchange-gateway.md lists the names."""

import os
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[1]
DEFAULT_PORT = 8100
# The most that a method without the customer's own signature may move in one action; an asset not named: nothing.
TOTP_LIMITS = "BTC=0.05,ETH=1,USDT=2000"


@dataclass(frozen=True)
class Configuration:
    """One sandbox: where it keeps what, who it says it is, and whom it believes."""

    folder: Path
    site_url: str
    issuer: str
    # Pharos' public keys, as a JWKS file; nothing else of Pharos' is known here.
    pharos_jwks: Path
    portal_origin: str
    redirect_uri: str
    events_url: str
    # The chat that the account page embeds, by its short name at Pharos; '' for none.
    chat_inbox: str
    # Whether our page tells the chat who is signed in.
    chat_identifies: bool
    totp_limits: dict[str, Decimal]

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.folder / "exchange.sqlite3"

    @property
    def rp_id(self) -> str:
        """The relying party of passkeys: the portal's host."""
        return str(urlsplit(self.portal_origin).hostname)

    @property
    def is_secure(self) -> bool:
        """Whether browsers come by TLS."""
        return self.site_url.startswith("https://")

    @property
    def cookie_suffix(self) -> str:
        """Cookies ignore ports, so copies side by side need names of their own."""
        return str(urlsplit(self.site_url).port or "site")


@cache
def current() -> Configuration:
    """Return this process's configuration."""
    given = os.environ
    port = given.get("SANDBOX_PORT") or str(DEFAULT_PORT)
    var_dir = Path(given.get("VAR_DIR") or ROOT / "var").expanduser().resolve()
    desk_port = given.get("PORT") or "8000"
    portal = (given.get("SANDBOX_PORTAL_ORIGIN") or f"http://localhost:{desk_port}").rstrip("/")
    return Configuration(
        folder=Path(given.get("SANDBOX_DIR") or var_dir / "sandbox"),
        site_url=(given.get("SANDBOX_SITE_URL") or f"http://localhost:{port}").rstrip("/"),
        issuer=given.get("SANDBOX_ISSUER") or f"http://127.0.0.1:{port}",
        pharos_jwks=Path(given.get("SANDBOX_PHAROS_JWKS") or var_dir / "public" / "pharos-keys.json"),
        portal_origin=portal,
        redirect_uri=given.get("SANDBOX_REDIRECT_URI") or f"{portal}/portal/hand-off/",
        events_url=given.get("SANDBOX_EVENTS_URL") or f"http://127.0.0.1:{desk_port}/api/v1/exchange/events/",
        chat_inbox=given.get("SANDBOX_CHAT_INBOX", "exchange"),
        chat_identifies=given.get("SANDBOX_CHAT_IDENTIFIES", "yes") == "yes",
        totp_limits=amounts(given.get("SANDBOX_TOTP_LIMITS") or TOTP_LIMITS),
    )


def amounts(text: str) -> dict[str, Decimal]:
    """Read `BTC=0.05,ETH=1`."""
    pairs = (part.partition("=") for part in text.split(",") if part.strip())
    return {asset.strip(): Decimal(amount) for asset, _, amount in pairs}
