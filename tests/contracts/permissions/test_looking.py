"""E6 and E7, for every address of the matrix: looking changes no row and is never cached; acting takes the CSRF token."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path, reverse

from accounts.models import Team
from helpdesk import urls
from tests.contracts.permissions import accounted, matrix, routes, trial, world
from tests.contracts.permissions.rows import Recorder
from tests.contracts.permissions.trial import Visitor
from tests.contracts.permissions.world import World
from tickets import content_links

# Who looks, and by which of the safe methods.
LOOKERS = {
    "admin": "GET", "auditor": "HEAD", "lead": "OPTIONS", "outsider": "GET", "password_only": "GET", "token_intake": "GET",
    "token_read": "HEAD", "customer": "GET", "visitor": "GET",
}  # fmt: skip
# Their answers carry nothing of anybody.
PUBLIC = {"healthz", "readyz", "security:pharos_keys", "chat:loader", "desk:push_worker", "desk:app_manifest"} | {
    f"help:{name}"
    for name in (
        "home",
        "faq",
        "glossary",
        "contact",
        "category",
        "section",
        "article",
        "site_map",
        "media",
        "bulletins",
        "bulletin",
        "bulletin_feed",
        "quiz",
        "talks",
        "talk",
    )
}


@pytest.fixture
def where(db: None) -> World:
    return world.build()


def addresses(visitor: Visitor) -> Iterator[tuple[str, str, str]]:
    """Yield (name, path, host) of everything that can be looked at."""
    for route in matrix.ROUTES:
        yield route.name, reverse(route.name, kwargs=trial.arguments(visitor, route, "own")), world.HOST
    if visitor.who in routes.ADMIN_SITE:
        yield from admin_addresses()
    if visitor.who in routes.STAFF:
        yield from content_addresses(visitor)


def admin_addresses() -> Iterator[tuple[str, str, str]]:
    for name in ("index", "jsi18n", "password_change_done"):
        yield f"admin:{name}", reverse(f"admin:{name}"), world.HOST
    for model in admin.site._registry:
        base = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        row = model._default_manager.order_by("pk").values_list("pk", flat=True).first()
        for name, arguments in (
            ("changelist", []),
            ("add", []),
            ("change", [row]),
            ("delete", [row]),
            ("history", [row]),
        ):
            yield f"{base}_{name}", reverse(f"{base}_{name}", args=arguments), world.HOST


def content_addresses(visitor: Visitor) -> Iterator[tuple[str, str, str]]:
    session = world.session_of(visitor.where, visitor.who)
    message = visitor.where.tickets["own"].messages.get(seq=world.ASKED_SEQ)
    for kind in matrix.CONTENT_KINDS:
        thing = (
            visitor.where.attachments["own"].public_id if kind in {"inline", "preview", "file"} else message.public_id
        )
        link = urlsplit(content_links.link(session_pk=session.pk, kind=kind, target=thing))
        yield f"content {kind}", link.path, link.netloc


def looked(where: World, who: str, method: str) -> list[str]:
    """Look at everything as this person; one sentence for each row that it changed and each answer that may be kept."""
    visitor = Visitor(where, who, world.browser(where, who))
    faults = []
    for name, address, host in list(addresses(visitor)):
        with Recorder() as seen:
            response = visitor.client.generic(method, address, headers={"Host": host})
            trial.drain(response)
        faults += [f"{who}: {method} {name}: {one}" for one in seen.diff.changes if accounted.needs_entry(one)]
        if "no-store" not in response.headers.get("Cache-Control", "") and name not in PUBLIC:
            faults.append(f"{who}: {method} {name}: may be kept ({response.status_code})")
    return faults


@pytest.mark.attack("B2")
@pytest.mark.attack("E6")
@pytest.mark.attack("E7")
@pytest.mark.parametrize(("who", "method"), LOOKERS.items())
def test_address__looked_at__changes_no_row_and_is_never_kept(where: World, who: str, method: str) -> None:
    assert looked(where, who, method) == []


@pytest.mark.attack("E7")
def test_address__planted_one_that_acts_by_get__is_found(where: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def act(_request: HttpRequest) -> HttpResponse:
        Team.objects.create(name="Made by looking", slug="made")
        return HttpResponse(headers={"Cache-Control": "max-age=60"})

    monkeypatch.setattr(urls, "urlpatterns", [path("planted", act, name="planted"), *urls.urlpatterns])
    monkeypatch.setattr(matrix, "ROUTES", [routes.reads("planted")])
    monkeypatch.setattr(routes, "ADMIN_SITE", frozenset())
    monkeypatch.setattr(matrix, "CONTENT_KINDS", {})
    reverse_cache_cleared()
    try:
        faults = looked(where, "lead", "GET")
    finally:
        monkeypatch.undo()
        reverse_cache_cleared()

    assert len(faults) == 2
    assert "insert accounts.Team" in faults[0]
    assert "may be kept" in faults[1]


def reverse_cache_cleared() -> None:
    from django.urls import clear_url_caches

    clear_url_caches()


@pytest.mark.attack("E7")
def test_act__without_the_csrf_token__is_refused_everywhere_and_changes_nothing(where: World) -> None:
    faults = []
    for who in ("admin", "password_only", "customer", "visitor"):
        browser = world.browser(where, who)
        visitor = Visitor(where, who, guarded(browser))
        visitor.client.defaults |= browser.defaults
        for name, address in acting(visitor):
            with Recorder() as seen:
                response = visitor.client.post(address, {"x": "1"})
            # The API knows nobody who is not signed in; its intake takes no browser at all.
            allowed = {403, 401} if name.startswith("api:") else {403}
            # Knows nobody and changes nothing; a form is not what it reads.
            allowed |= {415} if name == "api:official_channel" else set()
            # A vendor's door, and the demo's stand-in for a vendor's, know no browser: what counts is the secret.
            stand_ins = {
                key: {401}
                for key in (
                    "demo:channel_api",
                    "demo:channel_graph",
                    "demo:discord_api",
                    "demo:phone_api",
                    "demo:sms_api",
                    "demo:x_api",
                )
            }
            # A mailed link, too, is its own secret: from elsewhere, or made up, it leads nowhere.
            links = {"help:confirm": {404}, "help:unsubscribe": {404}}
            allowed |= {"hook": {404}, "phone": {404}, "cti": {404}, **links, **stand_ins}.get(name, set())
            if response.status_code not in allowed or any(map(accounted.needs_entry, seen.diff.changes)):
                faults.append(f"{who}: POST {name}: {response.status_code} {seen.diff.changes}")

    assert faults == []


def acting(visitor: Visitor) -> Iterator[tuple[str, str]]:
    """Every page that is posted to: of the matrix, and in the administration."""
    for route in matrix.ROUTES:
        if "POST" in route.methods:
            yield route.name, reverse(route.name, kwargs=trial.arguments(visitor, route, "own"))
    for name, address, _host in admin_addresses() if visitor.who in routes.ADMIN_SITE else ():
        yield name, address


def guarded(client: Client) -> Client:
    """Return the same browser, asked for its CSRF token as outside of tests."""
    strict = Client(enforce_csrf_checks=True, SERVER_NAME=world.HOST, raise_request_exception=False)
    strict.cookies = client.cookies
    return strict
