"""What a process with production settings answers: headers, cookies' names, methods, and programs in the clear."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tools.checks.environment import stand_in

ROOT = Path(__file__).parents[3]
SCRIPT = """
import json
import django
django.setup()
from django.conf import settings
from django.test import Client, override_settings
from helpdesk.message_storage import NamedCookieStorage

site, content = settings.ALLOWED_HOSTS
plain = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}

def ask(method, path, host=site, proto="https"):
    client = Client(raise_request_exception=False, headers={"x-forwarded-proto": proto})
    answer = client.generic(method, path, headers={"host": host, "origin": "https://elsewhere.test"})
    return {"status": answer.status_code, "headers": {name.lower(): value for name, value in answer.headers.items()}}

with override_settings(STORAGES={**settings.STORAGES, **plain}):
    print(json.dumps({
        "page": ask("GET", "/sign-in/"),
        "api": ask("GET", "/api/v1/tickets/"),
        "content": ask("GET", "/nothing/", content),
        "missing": ask("GET", "/not-there/"),
        "health": ask("GET", "/healthz"),
        "listing": ask("GET", "/static/"),
        "outside": ask("GET", "/static/%2e%2e/manage.py"),
        "trace": ask("TRACE", "/healthz"),
        "unknown": ask("PROPFIND", "/sign-in/"),
        "clear_page": ask("GET", "/sign-in/", proto="http"),
        "clear_api": ask("POST", "/api/v1/tickets/", proto="http"),
        "clear_hook": ask("POST", "/hooks/telegram/none/", proto="http"),
        "cookies": {name: getattr(settings, name) for name in dir(settings) if name.endswith("_COOKIE_NAME")},
        "messages": NamedCookieStorage.cookie_name,
        "secure": [settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE, settings.LANGUAGE_COOKIE_SECURE],
        "socket": settings.SOCKET_URL,
        "caches": settings.CACHES["default"]["BACKEND"],
    }))
"""
ANSWERS = ("page", "api", "content", "missing", "health")


@pytest.fixture(scope="module")
def production() -> dict[str, Any]:
    """The answers of such a process, asked without a session."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=ROOT,
        text=True,
        capture_output=True,
        check=False,
        env=stand_in("helpdesk.settings.production"),
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("which", ANSWERS)
def test_answer__of_any_kind__has_the_security_headers(production: dict[str, Any], which: str) -> None:
    headers = production[which]["headers"]
    policy = headers["content-security-policy"]
    assert headers["strict-transport-security"] == "max-age=63072000; includeSubDomains; preload"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert [
        word for word in ("object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'") if word not in policy
    ] == []
    assert "unsafe" not in policy


@pytest.mark.parametrize("which", ANSWERS)
def test_answer__to_a_foreign_origin__allows_nobody_and_is_not_kept(production: dict[str, Any], which: str) -> None:
    headers = production[which]["headers"]
    assert "access-control-allow-origin" not in headers
    assert "no-store" in headers["cache-control"]
    assert "server" not in headers
    assert "x-powered-by" not in headers


@pytest.mark.parametrize("which", ["page", "missing", "api"])
def test_answer__with_a_body__names_its_type_and_letters(production: dict[str, Any], which: str) -> None:
    kind = production[which]["headers"]["content-type"]
    assert kind in {"text/html; charset=utf-8", "application/problem+json"}


def test_cookies__every_one_of_ours__is_bound_to_its_host_and_to_tls(production: dict[str, Any]) -> None:
    names = [*production["cookies"].values(), production["messages"]]
    assert len(names) >= 8
    assert [name for name in names if not name.startswith("__Host-")] == []
    assert production["secure"] == [True, True, True]


def test_methods__trace_and_unknown_ones__are_405(production: dict[str, Any]) -> None:
    assert [production[which]["status"] for which in ("trace", "unknown")] == [405, 405]


def test_clear_text__pages_are_led_to_https__programs_are_refused(production: dict[str, Any]) -> None:
    assert production["clear_page"]["status"] == 301
    assert production["clear_page"]["headers"]["location"].startswith("https://")
    refused = [production[which] for which in ("clear_api", "clear_hook")]
    assert [answer["status"] for answer in refused] == [403, 403]
    assert [answer for answer in refused if "location" in answer["headers"]] == []


def test_socket__address_of_production__is_wss_and_the_only_one_allowed(production: dict[str, Any]) -> None:
    allowed = production["page"]["headers"]["content-security-policy"].partition("connect-src ")[2].partition(";")[0]
    assert production["socket"].startswith("wss://")
    assert allowed.split() == ["'self'", production["socket"]]


def test_static_files__listing_and_ways_out__are_404(production: dict[str, Any]) -> None:
    assert [production[which]["status"] for which in ("listing", "outside")] == [404, 404]


def test_caches__between_requests__keep_nothing(production: dict[str, Any]) -> None:
    assert production["caches"] == "django.core.cache.backends.dummy.DummyCache"
