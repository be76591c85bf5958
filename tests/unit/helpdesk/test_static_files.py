"""Built scripts and stylesheets: served compressed, kept by browsers for ever, each under one name."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from pytest_django import Settings
from whitenoise.middleware import WhiteNoiseMiddleware

from helpdesk.static_files import Storage

# Closing an answer looks after connections that other tests have left open.
pytestmark = pytest.mark.django_db
MANIFEST = Path(str(settings.DJANGO_VITE["default"]["manifest_path"]))


def built() -> list[str]:
    """Return every built file's path below `dist/`."""
    chunks: dict[str, Any] = json.loads(MANIFEST.read_text("utf-8"))
    return sorted({name for one in chunks.values() for name in (one["file"], *one.get("css", []))})


def loaded_with(source: str) -> set[str]:
    """Return what a browser loads for this script, itself and its styles included."""
    chunks: dict[str, Any] = json.loads(MANIFEST.read_text("utf-8"))
    found: set[str] = set()
    asked = [source]
    while asked:
        one = chunks[asked.pop()]
        found |= {one["file"], *one.get("css", [])}
        asked += one.get("imports", [])
    return found


def packed(names: set[str]) -> int:
    """Return how many bytes these files have in gzip."""
    return sum((MANIFEST.parent / f"{name}.gz").stat().st_size for name in names)


@pytest.fixture
def serving(settings: Settings) -> WhiteNoiseMiddleware:
    settings.WHITENOISE_USE_FINDERS = True
    settings.WHITENOISE_AUTOREFRESH = False
    return WhiteNoiseMiddleware(lambda _request: HttpResponse(status=404))


def asked(path: str, encodings: str) -> HttpRequest:
    return RequestFactory().get(path, headers={"accept-encoding": encodings})


@pytest.mark.parametrize(("accepted", "encoding"), [("gzip, deflate, br", "br"), ("gzip", "gzip"), ("", None)])
def test_built_file__asked_for__comes_compressed_and_is_kept(
    serving: WhiteNoiseMiddleware, accepted: str, encoding: str | None
) -> None:
    for name in built():
        answer = serving(asked(f"/static/dist/{name}", accepted))
        assert (answer.status_code, answer.headers.get("Content-Encoding")) == (200, encoding), name
        assert "immutable" in answer.headers["Cache-Control"], name
        answer.close()


def test_built_file__compressed__is_the_same() -> None:
    for name in built():
        path = MANIFEST.parent / name
        assert gzip.decompress(path.with_name(f"{path.name}.gz").read_bytes()) == path.read_bytes(), name


def test_chat__is_small_for_who_waits_for_it() -> None:
    first, rest = loaded_with("src/widget/main.ts"), loaded_with("src/widget/app.ts")
    assert packed(loaded_with("src/widget/loader.ts")) <= 3_000
    # What is shown and pressed first; 1.6 Mbit/s carry it in 60 ms.
    assert packed(first) <= 12_000
    assert packed(first | rest) <= 45_000


def test_storage__built_file__keeps_the_name_by_which_scripts_import_it() -> None:
    for name in built():
        assert Storage().hashed_name(f"dist/{name}") == f"dist/{name}"


def test_file_without_a_hash__is_not_kept_for_ever(serving: WhiteNoiseMiddleware) -> None:
    answer = serving(asked("/static/brand/mark.svg", ""))
    assert "immutable" not in answer.headers["Cache-Control"]
    answer.close()
