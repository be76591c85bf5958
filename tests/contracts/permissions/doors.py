"""Collects the doors that exist: URL names, socket frames, Celery tasks, commands and admin models."""

from collections.abc import Iterable, Iterator

from celery import current_app
from django.contrib import admin
from django.core.management import get_commands
from django.urls import URLPattern, URLResolver, get_resolver

from livechat.events import CHAT_EVENTS, CHAT_FRAMES
from tickets.events import DESK_EVENTS, DESK_FRAMES
from tickets.views import content
from tools.checks.tree import FLOORS


def url_names(urlconf: str | None = None) -> set[str]:
    """Return `namespace:name` of every URL of this table; the admin's are summarised by its models."""
    return {name for name in names_of(get_resolver(urlconf).url_patterns) if not name.startswith("admin:")}


def names_of(patterns: Iterable[URLPattern | URLResolver], namespaces: tuple[str, ...] = ()) -> Iterator[str]:
    """Names of these patterns and of those they include."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = (*namespaces, pattern.namespace) if pattern.namespace else namespaces
            yield from names_of(pattern.url_patterns, inner)
        else:
            name = pattern.name or f"(unnamed) {pattern.pattern}"
            yield ":".join((*namespaces, name))


def task_names() -> set[str]:
    """Return the names of every task of ours that a worker would accept."""
    current_app.loader.import_default_modules()
    return {name for name in current_app.tasks if not name.startswith("celery.")}


def command_names() -> set[str]:
    """Return every management command of ours."""
    return {name for name, app in get_commands().items() if str(app).split(".", 1)[0] in FLOORS}


def admin_labels() -> set[str]:
    """Return the label of every model that Django admin shows."""
    return {model._meta.label for model in admin.site._registry}


def differences(found: set[str], listed: set[str]) -> list[str]:
    """Return one sentence for each door without a row and each row without a door."""
    missing = [
        f"{name}: no row in tests/contracts/permissions/matrix.py says who may" for name in sorted(found - listed)
    ]
    stale = [f"{name}: has a row but no door" for name in sorted(listed - found)]
    return missing + stale


def frame_types() -> set[str]:
    """Return the type of every frame that the desk's socket takes."""
    return set(DESK_FRAMES.json_schema()["discriminator"]["mapping"])


def event_types() -> set[str]:
    """Return the type of every event that the desk's socket sends."""
    return set(DESK_EVENTS.json_schema()["discriminator"]["mapping"])


def chat_frame_types() -> set[str]:
    """Return the type of every frame that the visitors' socket takes."""
    return set(CHAT_FRAMES.json_schema()["discriminator"]["mapping"])


def chat_event_types() -> set[str]:
    """Return the type of every event that the visitors' socket sends."""
    return set(CHAT_EVENTS.json_schema()["discriminator"]["mapping"])


def content_kinds() -> set[str]:
    """Return every kind of thing that a signed link on the content origin opens."""
    return {*content.DOORS, *content.OTHERS_DOORS}
