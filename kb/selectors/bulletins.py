"""Bulletins as readers see them: what runs now, above every page; the list; one of them; and what editors see."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.safestring import SafeString, mark_safe

from kb import languages
from kb.markdown import render
from kb.models import Bulletin, BulletinText, Severity

MOST_ABOVE = 3
MOST_LISTED = 100
MOST_IN_FEED = 30
_RANK = {severity: place for place, severity in enumerate(Severity.values)}


@dataclass(frozen=True, slots=True)
class Shown:
    """A bulletin in the reader's language or the one that stands in for it; nothing of it once it was withdrawn."""

    public_id: str
    severity: str
    severity_name: str
    products: tuple[str, ...]
    language: str
    title: str
    starts_at: datetime
    ends_at: datetime | None
    published_at: datetime | None
    is_withdrawn: bool
    happened: str
    affected: str
    to_do: str

    @property
    def is_closable(self) -> bool:
        """Whether a reader may put it away."""
        return self.severity != Severity.CRITICAL

    @property
    def parts(self) -> tuple[tuple[str, SafeString], ...]:
        """Return its three parts as safe HTML, by name."""
        return tuple((name, self._html(name)) for name in ("happened", "affected", "to_do") if getattr(self, name))

    def _html(self, name: str) -> SafeString:
        made = render(getattr(self, name), language=self.language).html
        return mark_safe(made)  # noqa: S308 -- made by kb.markdown


def running(language: str) -> list[Shown]:
    """Return what stands above the pages now, the worst first: one statement, whatever there is."""
    found = _shown(Bulletin.objects.running(), language)
    return sorted(found, key=lambda one: (_RANK[one.severity], -one.starts_at.timestamp()))[:MOST_ABOVE]


def listed(language: str, *, most: int = MOST_LISTED) -> list[Shown]:
    """Return what was published and has begun, the newest first."""
    newest = list(Bulletin.objects.begun().order_by("-starts_at").values_list("pk", flat=True)[:most])
    return sorted(_shown(Bulletin.objects.filter(pk__in=newest), language), key=lambda one: one.starts_at, reverse=True)


def one(public_id: str, language: str) -> Shown | None:
    """Return one that has begun, or that was withdrawn; None for anything else."""
    withdrawn = Bulletin.objects.filter(state=Bulletin.State.WITHDRAWN)
    rows = (Bulletin.objects.begun() | withdrawn).filter(public_id=public_id)
    return next(iter(_shown(rows, language)), None)


def of_staff(public_id: str) -> Bulletin | None:
    """Return one as editors see it, with its texts."""
    rows = Bulletin.objects.select_related("author", "published_by", "withdrawn_by").prefetch_related("texts")
    return rows.filter(public_id=public_id).first()


def for_staff() -> list[tuple[Bulletin, str]]:
    """Return every one with its title, drafts first, then the newest."""
    rows = Bulletin.objects.select_related("author").prefetch_related("texts").order_by("-created_at")[:MOST_LISTED]
    found = [(row, _best(row.texts.all(), languages.SOURCE).title) for row in rows]
    return sorted(found, key=lambda pair: pair[0].state != Bulletin.State.DRAFT)


def texts(row: Bulletin) -> list[Shown]:
    """Return what a bulletin says in each of its languages, English first."""
    found = [_of(text, bulletin=row) for text in row.texts.all()]
    return sorted(found, key=lambda shown: (shown.language != languages.SOURCE, shown.language))


def _shown(rows: "QuerySet[Bulletin]", language: str) -> list[Shown]:
    texts = BulletinText.objects.filter(bulletin__in=rows, language__in=languages.chain(language))
    by_bulletin: dict[int, list[BulletinText]] = {}
    for text in texts.select_related("bulletin"):
        by_bulletin.setdefault(text.bulletin_id, []).append(text)
    return [_of(_best(group, language)) for group in by_bulletin.values()]


def _best(texts: Iterable[BulletinText], language: str) -> BulletinText:
    chain = languages.chain(language)
    return min(texts, key=lambda text: chain.index(text.language) if text.language in chain else len(chain))


def _of(text: BulletinText, *, bulletin: Bulletin | None = None) -> Shown:
    row = bulletin or text.bulletin
    is_withdrawn = bulletin is None and row.state == Bulletin.State.WITHDRAWN
    return Shown(
        public_id=row.public_id,
        severity=row.severity,
        severity_name=row.get_severity_display(),
        products=tuple(row.products),
        language=text.language,
        title=text.title,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        published_at=row.published_at,
        is_withdrawn=is_withdrawn,
        happened="" if is_withdrawn else text.happened,
        affected="" if is_withdrawn else text.affected,
        to_do="" if is_withdrawn else text.to_do,
    )
