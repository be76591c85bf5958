"""Articles for a ticket: what may answer it, in its customer's language, staff-only procedures included."""

from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse

from kb import languages
from kb.markdown import render
from kb.models import Translation
from kb.selectors import searching
from tickets.models import Ticket

MOST = 5
LONGEST_INSERTED = 4_000


@dataclass(frozen=True, slots=True)
class ArticleShown:
    """One article: its title, its address for the customer (none for staff-only ones), and its text to insert."""

    title: str
    url: str
    desk_url: str
    text: str
    language: str
    is_staff_only: bool

    @property
    def as_link(self) -> str:
        """What a button puts into the answer."""
        return f"{self.title}\n{self.url}"


def suggested(ticket: Ticket, query: str) -> list[ArticleShown]:
    """Return what answers `query`, or without one the ticket's subject and topic."""
    asked = query or f"{ticket.subject} {ticket.topic.name if ticket.topic else ''}"
    narrowed = searching.Narrowed(with_staff_only=True, most=MOST)
    found = searching.find(asked, language=languages.nearest(ticket.language), narrowed=narrowed)
    rows = Translation.objects.select_related("article", "published").in_bulk([hit.translation for hit in found.hits])
    return [_shown(rows[hit.translation]) for hit in found.hits if hit.translation in rows]


def _shown(row: Translation) -> ArticleShown:
    revision = row.published
    is_staff_only = row.article.is_staff_only
    public = settings.SITE_URL + reverse("help:article", args=[row.language, row.slug])
    text = "" if is_staff_only or revision is None else render(revision.body, language=row.language).text
    return ArticleShown(
        title=revision.title if revision else row.slug,
        url="" if is_staff_only else public,
        desk_url=reverse("articles:one", args=[row.public_id]),
        text=text[:LONGEST_INSERTED],
        language=row.language,
        is_staff_only=is_staff_only,
    )
