"""Stand-in environment for checks that load the settings: fresh random keys, stores that nobody contacts."""

import base64
import os
import secrets
import tempfile

from nacl.public import PrivateKey

from helpdesk.embedded.keys import push_key, signing_key


def stand_in(settings_module: str) -> dict[str, str]:
    """Return a complete environment for these settings; nothing in it opens anything and nothing is kept."""
    seal = PrivateKey.generate()
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PHAROS_", "DATABASE_"))}
    return inherited | {
        "DJANGO_SETTINGS_MODULE": settings_module,
        "VAR_DIR": os.path.join(tempfile.gettempdir(), "pharos-checks"),  # noqa: PTH118 -- a value, not a path we open
        "SECRET_KEY": secrets.token_urlsafe(64),
        "PHAROS_FIELD_KEYS": _key(secrets.token_bytes(32)),
        "PHAROS_MAIL_KEYS": _key(secrets.token_bytes(32)),
        "PHAROS_METRICS_TOKEN": secrets.token_urlsafe(32),
        "VERIFIER_SOCKET": "/nowhere/verifier.sock",
        "PHAROS_SEAL_PUBLIC_KEY": _key(bytes(seal.public_key)),
        "PHAROS_SEAL_PRIVATE_KEY": _key(bytes(seal)),
        "PHAROS_GATEWAY_KEY": signing_key(),
        "PHAROS_PUSH_KEY": push_key(),
        "EXCHANGE_URL": "https://exchange.pharos.test",
        "EXCHANGE_SITE_URL": "https://exchange.pharos.test",
        "PHAROS_SITE_URL": "https://support.pharos.test",
        "PHAROS_CONTENT_URL": "https://content.pharos.test",
        "PHAROS_MAIL_DOMAIN": "pharos.test",
        "PHAROS_SYSTEM_MAIL_FROM": "Pharos <no-reply@pharos.test>",
        "DATABASE_URL": "postgres://app@127.0.0.1:9/none",
        "REDIS_URL": "redis://127.0.0.1:9/0",
    }


def _key(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode()
