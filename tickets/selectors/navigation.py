"""The desk's left pane."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from accounts.models import Staff, Team
from accounts.permissions import Permission
from tickets.models import SavedView
from tickets.selectors import queue, saved_views

# Stands for the count of a view whose conditions no longer mean anything.
BROKEN = "!"
SCOPE_ICONS = {"own": "topic", "team": "people", "everyone": "web"}


def left_pane(person: Staff, *, path: str = "", teams: Sequence[Team] | None = None) -> dict[str, Any]:
    """Return views, team views, saved views and what else the left pane links to, with counts.

    In three queries, two with `teams`, and with saved views one more, and one for each kind of name they look up.
    """
    visible = queue.visible_teams(person) if teams is None else teams
    counts = queue.counts(person, visible)
    saved = saved_views.listed(person)
    saved_counts = saved_views.counts(saved, person, visible)

    def shown(view: queue.View) -> dict[str, Any]:
        url = reverse("desk:view", args=[view.slug])
        return {
            "slug": view.slug,
            "name": view.name,
            "icon": view.icon,
            "key": view.key,
            "count": queue.shown_count(counts.get(view.slug, 0)),
            "url": url,
            "current": path == url,
        }

    def saved_shown(view: SavedView) -> dict[str, Any]:
        slug = saved_views.slug_of(view)
        url = reverse("desk:view", args=[slug])
        count = _saved_count(saved_counts[slug])
        icon = SCOPE_ICONS[view.scope]
        return {"slug": slug, "name": view.name, "icon": icon, "count": count, "url": url, "current": path == url}

    def counted(name: str, *begins: str) -> dict[str, Any]:
        return {"count": queue.shown_count(counts.get(name, 0)), "current": path.startswith(begins)}

    return {
        "views": [shown(view) for view in queue.views()],
        "saved": [saved_shown(view) for view in saved],
        "teams": [shown(view) for view in queue.team_views(visible)],
        "quarantine": counted("quarantine", reverse("desk:quarantine")),
        "alarms": {
            "count": queue.shown_count(counts.get("alarms", 0)),
            "unattended": queue.shown_count(counts.get("alarms-new", 0)),
            "current": path == reverse("desk:system"),
        },
        "approvals": counted("approvals", reverse("desk:approvals")),
        "escalations": counted("escalations", reverse("desk:escalations"), reverse("desk:on_call")),
        "notices": counted("notices", reverse("desk:notices")),
        "actions_current": path == reverse("desk:fund_actions"),
        "policy_current": path.startswith(reverse("desk:policy")),
        "can_see_policy": person.has(Permission.POLICY_VIEW),
        "can_approve": person.has(Permission.FUND_APPROVE),
        "can_see_actions": person.has(Permission.FUND_VIEW),
        "can_audit": person.has(Permission.AUDIT_VIEW),
        "who_saw_current": path.startswith(reverse("desk:who_saw")),
        "can_honey": person.has(Permission.HONEY_MANAGE),
        "honey_current": path == reverse("desk:watched"),
        "can_block": person.has(Permission.SPAM_RELEASE),
        "blocked_current": path.startswith(reverse("desk:blocked")),
        "can_watch": person.has(Permission.SYSTEM_WATCH),
        "can_new": person.has(Permission.TICKET_CREATE),
        "can_shifts": person.has(Permission.TICKET_REPLY),
        "shifts_current": path.startswith(reverse("desk:shifts")),
        "can_calls": person.has(Permission.TICKET_REPLY),
        "calls_current": path.startswith(reverse("desk:calls")),
        "can_reports": person.has(Permission.REPORT_READ),
        "can_wallboard": person.has(Permission.WALLBOARD_VIEW),
        "wallboard_current": path == reverse("desk:wallboard"),
        "reports_current": path.startswith(reverse("desk:reports")),
        "can_canned": person.has(Permission.TICKET_REPLY),
        "canned_current": path.startswith(reverse("desk:canned")),
        "can_kept": person.has(Permission.TICKET_UPDATE),
        "kept_current": path.startswith(reverse("desk:kept")),
        "can_articles": person.has(Permission.ARTICLE_WRITE),
        "articles_current": path.startswith(reverse("articles:home")),
        "can_review": person.has(Permission.REVIEW_VIEW),
        "reviews_current": path.startswith(reverse("desk:reviews")),
        "can_quarantine": person.has(Permission.QUARANTINE_VIEW),
        "is_admin": person.has(Permission.ADMIN_SITE),
        "new_current": path == reverse("desk:new"),
    }


def shown_counts(person: Staff) -> dict[str, str]:
    """Return every count as the desk shows it."""
    teams = queue.visible_teams(person)
    counts = {slug: queue.shown_count(count) for slug, count in queue.counts(person, teams).items()}
    saved = saved_views.counts(saved_views.listed(person), person, teams)
    return counts | {slug: _saved_count(count) for slug, count in saved.items()}


def _saved_count(count: int | None) -> str:
    """Return a count as the desk shows it; of a broken view a mark that it is."""
    return BROKEN if count is None else queue.shown_count(count)
