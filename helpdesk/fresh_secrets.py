"""Fresh secret settings for an installation; needs no settings itself."""

import base64
import secrets

from cryptography.fernet import Fernet

from core.sealing import new_key_pair
from helpdesk.embedded import keys


def lines() -> list[str]:
    """Return `NAME=value` for every secret variable; docs/operations.md says who holds which."""
    public, private = new_key_pair()
    return [
        f"SECRET_KEY={secrets.token_urlsafe(64)}",
        f"PHAROS_FIELD_KEYS={Fernet.generate_key().decode()}",
        f"PHAROS_MAIL_KEYS={base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip('=')}",
        f"PHAROS_SEAL_PUBLIC_KEY={public}",
        f"PHAROS_SEAL_PRIVATE_KEY={private}",
        f"PHAROS_GATEWAY_KEY={keys.signing_key()}",
        f"PHAROS_VERIFIER_KEYS={Fernet.generate_key().decode()}",
        f"PHAROS_VERIFIER_KEY={keys.signing_key()}",
        f"PHAROS_PUSH_KEY={keys.push_key()}",
        f"PHAROS_METRICS_TOKEN={secrets.token_urlsafe(32)}",
    ]
