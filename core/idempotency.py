"""Answering the same creating request once: one row per actor and key, in the request's own transaction."""

import hashlib
from collections.abc import Callable
from typing import Any

from django.db import connection, transaction

from core.models import IdempotencyKey


class KeyReused(Exception):
    """The key was used before with another request body."""


def once(*, actor: str, key: str, request_body: bytes, act: Callable[[], tuple[int, Any]]) -> tuple[int, Any, bool]:
    """Run `act`, which returns status and JSON body, once per (actor, key); return its answer and if it is a replay.

    A parallel request with the same key waits for the first one's commit. Raises KeyReused when the
    key came with another body (draft-ietf-httpapi-idempotency-key-header).
    """
    request_hash = hashlib.sha256(request_body).hexdigest()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO core_idempotencykey (actor, key, request_hash, created_at) "
                "VALUES (%s, %s, %s, core.clock()) ON CONFLICT (actor, key) DO NOTHING RETURNING id",
                [actor, key, request_hash],
            )
            row = cursor.fetchone()
        if row is None:
            known = IdempotencyKey.objects.get(actor=actor, key=key)
            if known.request_hash != request_hash:
                raise KeyReused
            return known.response_status or 409, known.response_body, True
        status, body = act()
        IdempotencyKey.objects.filter(pk=row[0]).update(response_status=status, response_body=body)
    return status, body, False
