"""Which language a reader is given."""

import pytest

from kb import languages


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("zh-TW,zh;q=0.9,en;q=0.8", "zh-hant"), ("zh-CN", "zh-hans"), ("de-CH;q=0.5,fr", "fr"), ("xx,*", "en"), ("", "en"),
        ("pt-BR", "pt"), ("en;q=bad,ru", "ru"),
    ],
)  # fmt: skip
def test_language__of_a_header__is_the_first_that_we_have(accepted: str, language: str) -> None:
    assert languages.from_header(accepted) == language


def test_chain__traditional_chinese__reads_simplified_before_english() -> None:
    assert languages.chain("zh-hant") == ("zh-hant", "zh-hans", "en")
    assert languages.chain("de") == ("de", "en")
    assert languages.chain("xx") == ("en",)
