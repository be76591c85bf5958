"""What creating requests share: `Idempotency-Key`, and refusals as problem documents."""

import json
from collections.abc import Callable
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from core import idempotency
from core.problems import problem
from security.access import actor_of
from tickets.services import errors

MAX_KEY = 200


def create(request: Request, act: Callable[[], tuple[int, Any]]) -> Response:
    """Run `act` once per `Idempotency-Key`; without a key, simply run it. Refusals are 409 or 422."""
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > MAX_KEY or not key.isprintable():
        return problem(400, "bad_idempotency_key", f"Idempotency-Key is at most {MAX_KEY} printable characters.")
    try:
        if not key:
            status, body = act()
            return Response(body, status=status)
        actor = actor_of(request)
        scope = f"{actor.kind}:{actor.id}"
        body_given = json.dumps(request.data, sort_keys=True, default=str).encode()
        fingerprint = request.path.encode() + b"\0" + body_given
        status, body, replayed = idempotency.once(actor=scope, key=key, request_body=fingerprint, act=act)
    except idempotency.KeyReused:
        return problem(422, "idempotency_key_reused", "This Idempotency-Key was used with another request.")
    except errors.Refused as refused:
        stale = isinstance(refused, errors.StaleReply | errors.StaleChange)
        return problem(409 if stale else 422, refused.code, str(refused.message))
    return Response(body, status=status, headers={"Idempotency-Replayed": "true"} if replayed else None)
