"""Bulletins: written by one person, let out by another, withdrawn when they are over or wrong."""

from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from accounts.models import Staff
from accounts.permissions import Permission
from core import audit
from core.clock import DatabaseNow
from core.storable_text import storable
from kb import languages
from kb.models import Bulletin, BulletinText, Severity
from kb.services import errors, news
from security.redaction import redact

State = Bulletin.State


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """How bad it is, of which products, and when it stands above the pages; None: from now, for good."""

    severity: str = Severity.WARNING
    products: tuple[str, ...] = field(default=())
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What it says in one language."""

    title: str
    happened: str
    to_do: str
    affected: str = ""


def write(*, by: Staff, bulletin: Bulletin | None, frame: Frame, language: str, words: Words) -> Bulletin:
    """Write a draft, a new one or another language of one. Raises Refused, Fixed, HoldsSecret."""
    if not by.has(Permission.ARTICLE_WRITE) or language not in languages.LANGUAGES:
        raise errors.Refused
    said = {name: storable(getattr(words, name)).strip() for name in ("title", "happened", "affected", "to_do")}
    if any(redact(text).findings for text in said.values()):
        raise errors.HoldsSecret
    if (
        not said["title"]
        or not said["to_do"]
        or (frame.ends_at and frame.starts_at and frame.ends_at <= frame.starts_at)
    ):
        raise errors.Refused
    columns = {"severity": frame.severity, "products": [storable(one) for one in frame.products], "author": by}
    with transaction.atomic():
        if bulletin is None:
            found = Bulletin.objects.create(**columns, **_times(frame))
            found.refresh_from_db()
        else:
            found = _draft(bulletin)
            Bulletin.objects.filter(pk=found.pk).update(**columns, **_times(frame))
        texts = BulletinText.objects.filter(bulletin=found, language=language)
        if not texts.update(**said):
            BulletinText.objects.create(bulletin=found, language=language, **said)
        audit.record(
            "bulletin.written",
            actor=by.actor,
            obj=("bulletin", found.public_id),
            detail={"language": language, "severity": frame.severity},
        )
    found.refresh_from_db()
    return found


def publish(*, bulletin: Bulletin, by: Staff) -> None:
    """Let it out from its start on. Raises Refused, Fixed, OwnWork, NotInEnglish."""
    _may_publish(by)
    with transaction.atomic():
        found = _draft(bulletin)
        if found.author_id == by.pk:
            raise errors.OwnWork
        if not BulletinText.objects.filter(bulletin=found, language=languages.SOURCE).exists():
            raise errors.NotInEnglish
        Bulletin.objects.filter(pk=found.pk).update(state=State.PUBLISHED, published_by=by, published_at=DatabaseNow())
        news.owe_bulletin(found, at=found.starts_at)
        audit.record("bulletin.published", actor=by.actor, obj=("bulletin", found.public_id))
    bulletin.refresh_from_db()


def withdraw(*, bulletin: Bulletin, by: Staff) -> None:
    """Take it away from every page; its address says that it was withdrawn. Raises Refused."""
    _may_publish(by)
    with transaction.atomic():
        shown = Bulletin.objects.filter(pk=bulletin.pk, state=State.PUBLISHED)
        if not shown.update(state=State.WITHDRAWN, withdrawn_by=by, withdrawn_at=DatabaseNow()):
            raise errors.Refused
        audit.record("bulletin.withdrawn", actor=by.actor, obj=("bulletin", bulletin.public_id))
    bulletin.refresh_from_db()


def _times(frame: Frame) -> dict[str, datetime | None]:
    times: dict[str, datetime | None] = {"ends_at": frame.ends_at}
    return times | ({"starts_at": frame.starts_at} if frame.starts_at else {})


def _draft(bulletin: Bulletin) -> Bulletin:
    found = Bulletin.objects.select_for_update(no_key=True).get(pk=bulletin.pk)
    if found.state != State.DRAFT:
        raise errors.Fixed
    return found


def _may_publish(by: Staff) -> None:
    if not by.has(Permission.ARTICLE_PUBLISH):
        raise errors.Refused
