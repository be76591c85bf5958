"""Rows of the ground floor."""

from core.models.audit import AuditEntry, AuditPending, AuditSeal
from core.models.files import StoredFile
from core.models.heartbeat import Heartbeat
from core.models.idempotency import IdempotencyKey
from core.models.leased import Leased, LeasedQuerySet
from core.models.notice import Notice
from core.models.posted import Posted

__all__ = [
    "AuditEntry",
    "AuditPending",
    "AuditSeal",
    "Heartbeat",
    "IdempotencyKey",
    "Leased",
    "LeasedQuerySet",
    "Notice",
    "Posted",
    "StoredFile",
]
