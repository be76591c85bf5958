"""What is hashed and signed, byte for byte (docs/exchange-gateway.md has test vectors)."""

import hashlib
import json
import re
from collections.abc import Mapping

ACTION_FORMAT = "pharos fund action 1"
CHECK_FORMAT = "pharos identity check 1"
FIELDS = (
    "public_id", "kind", "operation", "subject", "customer_id", "asset", "network", "amount", "destination", "tag",
    "requester_id",
)  # fmt: skip
# numeric(38, 18) as text: always 18 decimals, no sign, no leading zeros.
AMOUNT = re.compile(r"(?:0|[1-9][0-9]{0,19})\.[0-9]{18}")


def action_hash(action: Mapping[str, str]) -> str:
    """Return the hash of the action's fields, in hex."""
    return _digest([ACTION_FORMAT, *(action[name] for name in FIELDS)]).hex()


def challenge(*, check_id: str, nonce: str, digest: str) -> bytes:
    """Return what the customer's authenticator signs over: this check of this very action."""
    return _digest([CHECK_FORMAT, check_id, nonce, digest])


def _digest(texts: list[str]) -> bytes:
    return hashlib.sha256(json.dumps(texts, ensure_ascii=False).encode()).digest()
