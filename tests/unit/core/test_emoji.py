"""What the emoji pickers offer: forty-eight signs, each with a name of its own in either language."""

import json

import pytest
from django.utils import translation

from core import emoji


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_offered__in_either_language__has_whole_rows_and_names_that_tell_them_apart(language: str) -> None:
    with translation.override(language):
        groups = json.loads(emoji.offered())
    signs = [sign for group in groups for sign in group["signs"]]
    assert [len(group["signs"]) for group in groups] == [8] * 6
    assert len({sign for sign, _name, _english in signs}) == len({name for _sign, name, _english in signs}) == 48
    assert all(group["name"] for group in groups)


def test_offered__in_chinese__is_named_in_chinese_and_found_in_english() -> None:
    with translation.override("zh-hans"):
        signs = {
            sign: (name, english) for group in json.loads(emoji.offered()) for sign, name, english in group["signs"]
        }
    assert signs["👍"] == ("赞", "thumbs up")
    assert all(name != english for name, english in signs.values() if english != "OK")
