"""D6: production has no set-up, debug, documentation or metrics address that answers without being known."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.contracts.permissions import doors, matrix
from tools.checks.environment import stand_in

ROOT = Path(__file__).parents[3]
# Asked with production settings, without a session: every address of the site and of the content origin.
SCRIPT = """
import json
import django
django.setup()
from django.conf import settings
from django.test import Client, override_settings
from django.urls import get_resolver
from tests.contracts.permissions.doors import names_of

paths = json.loads(input())
site, content = settings.ALLOWED_HOSTS
client = Client(raise_request_exception=False, headers={"x-forwarded-proto": "https"})
# The files of the front end need not be built for this.
plain = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
with override_settings(STORAGES={**settings.STORAGES, **plain}):
    answers = {path: client.get(path, headers={"host": site}).status_code for path in paths}
print(json.dumps({
    "debug": settings.DEBUG,
    "demo": settings.DEMO,
    "names": sorted(set(names_of(get_resolver().url_patterns))),
    "content": sorted(set(names_of(get_resolver("helpdesk.content_urls").url_patterns))),
    "answers": answers,
}))
"""
NOT_THERE = (
    "/setup/", "/install/", "/installer", "/tools.php", "/debug/", "/__debug__/", "/silk/", "/_debug_toolbar/", "/docs/", "/redoc/",
    "/swagger/", "/openapi.json", "/schema/", "/graphql", "/.env", "/.git/config", "/server-status", "/actuator/env", "/phpinfo.php",
    "/console", "/api/", "/api/v1/", "/static/../manage.py", "/media/", "/demo/", "/demo/postbox/", "/rosetta/", "/hijack/",
)  # fmt: skip
SHUT = {
    "/metrics": 401,
    "/api/v1/schema/": 401,
    "/api/v1/docs/": 302,
    "/admin/": 302,
    "/admin/jsi18n/": 302,
    "/desk/": 302,
}
OPEN = {"/healthz": 200, "/sign-in/": 200}


@pytest.fixture(scope="module")
def production() -> dict[str, Any]:
    """What a process with production settings says of its addresses."""
    paths = [*NOT_THERE, *SHUT, *OPEN]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=ROOT, text=True, capture_output=True, check=False,
        env=stand_in("helpdesk.settings.production"), input=json.dumps(paths),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.attack("D6")
def test_production__its_addresses__are_those_of_the_matrix_without_the_demo(production: dict[str, Any]) -> None:
    listed = {route.name for route in matrix.ROUTES if not route.name.startswith("demo:")}
    names = {name for name in production["names"] if not name.startswith("admin:")}

    assert doors.differences(names, listed) == []
    assert production["content"] == ["content"]
    assert (production["debug"], production["demo"]) == (False, False)


@pytest.mark.attack("D6")
def test_production__set_up_debug_docs_and_metrics__answer_nobody_unknown(production: dict[str, Any]) -> None:
    expected = dict.fromkeys(NOT_THERE, 404) | SHUT | OPEN

    assert {path: status for path, status in production["answers"].items() if status != expected[path]} == {}
