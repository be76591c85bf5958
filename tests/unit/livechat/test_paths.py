"""Patterns of paths: the same rows as frontend/src/widget/paths.test.ts reads."""

import json
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError

from livechat import paths

ROWS = json.loads((Path(__file__).parents[2] / "corpus" / "path_patterns.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("pattern", "path", "is_like"), ROWS)
def test_matches__pattern_and_path__as_the_widget_reads_them(pattern: str, path: str, is_like: bool) -> None:
    assert paths.matches(pattern, path) is is_like


@pytest.mark.parametrize(
    "pattern", ["withdraw", "", "*", "/a?b=1", "/a#b", "/a b", "/*/*/*/*", "https://exchange.example/", "/a\n"]
)
def test_validate__what_no_path_is_like__is_refused(pattern: str) -> None:
    with pytest.raises(ValidationError):
        paths.validate(pattern)
