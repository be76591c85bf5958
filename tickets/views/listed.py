"""A list of cases as the middle pane shows it: rows under their groups, chips, orders, what cannot be read."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.permissions import Permission
from tickets.models.saved_view import Grouping, Sort
from tickets.models.ticket import Priority, Status
from tickets.selectors import queue, saved_views
from tickets.selectors.listings import Listing, Wanted
from tickets.views.row_markup import RowMarkup, group_heading
from tickets.views.shared import staff_of


@dataclass(frozen=True, slots=True)
class Chip:
    """One condition that was asked for once, and the way to the list without it."""

    text: str
    is_negated: bool
    url: str


@dataclass(frozen=True, slots=True)
class Wrong:
    """What cannot be read, with the text around it; `mend_url` leads to where it is kept."""

    sentence: str
    before: str
    piece: str
    after: str
    is_kept: bool
    mend_url: str


@dataclass(frozen=True, slots=True)
class ViewShown:
    """The list that stands in the middle pane."""

    slug: str
    name: str
    can_release: bool
    rows_url: str
    url: str
    wanted: Wanted
    sort: str
    group: str
    chips: tuple[Chip, ...]
    wrong: Wrong | None
    edit_url: str
    save_url: str
    bulk_url: str

    @property
    def sorts(self) -> list[tuple[str, str]]:
        """Orders to choose from."""
        return [(value, str(label)) for value, label in Sort.choices]

    @property
    def groupings(self) -> list[tuple[str, str]]:
        """Groupings to choose from."""
        return [(value, str(label)) for value, label in Grouping.choices]


def wanted_of(request: HttpRequest) -> Wanted:
    """Return what the address asks for once."""
    get = request.GET.get
    return Wanted(get("q", "").strip(), get("sort", ""), get("group", ""))


def view_shown(request: HttpRequest, listing: Listing) -> ViewShown:
    """Return what the pane says of a list, and what can be done with it."""
    person = staff_of(request)
    url = reverse("desk:view", args=[listing.slug])
    asked = listing.wanted
    kept = {"q": asked.q, "sort": asked.sort, "group": asked.group}
    query = urlencode({"view": listing.slug, **{name: value for name, value in kept.items() if value}})
    view = listing.view
    edit_url = ""
    if view is not None and saved_views.editable(person, listing.slug):
        edit_url = reverse("desk:view_edit", args=[listing.slug])
    return ViewShown(
        slug=listing.slug,
        name=listing.name,
        can_release=listing.slug == "spam" and person.has(Permission.SPAM_RELEASE),
        rows_url=f"{reverse('desk:rows')}?{query}",
        url=url,
        wanted=asked,
        sort=asked.sort or (view.sort if view else ""),
        group=listing.grouping,
        chips=_chips(listing, url),
        wrong=_wrong(listing, edit_url),
        edit_url=edit_url,
        save_url=_save_url(listing),
        bulk_url=f"{reverse('desk:bulk_new')}?{query}" if person.has(Permission.TICKET_UPDATE) else "",
    )


def _save_url(listing: Listing) -> str:
    if listing.wanted.is_nothing:
        return ""
    view = listing.view
    sort = listing.wanted.sort or (view.sort if view else "")
    asked = {"q": listing.conditions(), "sort": sort, "group": listing.grouping}
    return f"{reverse('desk:view_new')}?{urlencode({name: value for name, value in asked.items() if value})}"


def _chips(listing: Listing, url: str) -> tuple[Chip, ...]:
    query, asked = listing.query, listing.wanted
    if query is None:
        return ()

    def without(text: str) -> str:
        left = {"q": text, "sort": asked.sort, "group": asked.group}
        kept = urlencode({name: value for name, value in left.items() if value})
        return f"{url}?{kept}" if kept else url

    return tuple(Chip(term.piece, term.is_negated, without(query.without(term))) for term in query.terms)


def _wrong(listing: Listing, edit_url: str) -> Wrong | None:
    error = listing.wrong
    if error is None:
        return None
    text = listing.wanted.q
    if listing.is_broken and listing.view is not None:
        # What a shared view names may be hidden from its reader; whoever may change it reads it anyway.
        if not edit_url:
            return Wrong(error.sentence, "", "", "", is_kept=True, mend_url="")
        text = listing.view.query
    return Wrong(error.sentence, *error.around(text), listing.is_broken, edit_url)


def rows_shown(
    rows: Iterable[queue.Row],
    listing: Listing,
    view: ViewShown,
    *,
    open_id: str,
    group: tuple[object, ...] = (),
    has_headings: bool = True,
) -> list[SafeString]:
    """Return rows as HTML, with the link that opens them in this list, under headings where a group begins.

    `group` is where the page before has ended.
    """
    markup = RowMarkup(view=view.slug, open_id=open_id, can_choose=view.can_release, columns=listing.columns)
    shown: list[SafeString] = []
    for row in rows:
        if has_headings and listing.grouping and row.group != group:
            group = row.group
            shown.append(group_heading(_group_name(row, listing.grouping)) + markup(row))
        else:
            shown.append(markup(row))
    return shown


def _group_name(row: queue.Row, grouping: str) -> str:
    if grouping == Grouping.STATUS:
        return str(Status(row.status).label)
    if grouping == Grouping.PRIORITY:
        return str(Priority(row.priority).label)
    named = row.group[0] if row.group else None
    if named:
        return str(named)
    return _("Nobody yet") if grouping == Grouping.ASSIGNEE else _("No team")
