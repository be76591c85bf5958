"""Markdown of articles: what it makes, and that nothing in it acts."""

import re
from typing import Any

import pytest

from kb import glossary
from kb.markdown import render
from tests.corpus.xss import PAYLOADS

ACTS = re.compile(
    r"<(?!/?(?:a|blockquote|br|code|dd|del|div|dl|dt|em|figure|h2|h3|h4|hr|img|li|ol|p|pre|s|strong|table|tbody|td|th|thead|tr|ul)\b)"
)


def html(body: str, language: str = "en") -> str:
    return render(body, language=language).html


@pytest.mark.attack("B1")
@pytest.mark.parametrize(
    "shape", ["{}", "# {}", "[x]({})", "![x]({})", "<{}>", ":::note\n{}\n:::", "| {} |\n|---|", "```{}\n{}\n```"]
)
def test_body__every_payload_of_the_corpus__stays_words(shape: str) -> None:
    for payload in PAYLOADS:
        made = html(shape.replace("{}", payload))
        assert not ACTS.search(made), payload
        tags = re.findall(r"<[^>]*>", made)
        assert not any(
            re.search(r"\son\w+=|javascript:|style=|\ssrcdoc=|<iframe", tag, re.IGNORECASE) for tag in tags
        ), made


def test_callouts_steps_tables_and_headings__have_their_markup() -> None:
    made = html("# Top\n\n:::warning\nMind *this*.\n:::\n\n:::steps\n1. One\n:::\n\n| a |\n|--:|\n| 1 |\n\n## Top")
    assert '<h2 id="h-top">Top</h2>' in made
    assert '<h2 id="h-top-2">Top</h2>' in made
    assert 'class="callout callout-warning"' in made
    assert '<div class="steps">' in made
    assert '<td class="align-end">1</td>' in made
    assert "警告" in html(":::warning\n小心\n:::", "zh-hans")


def test_links__articles_pictures_and_the_world__lead_where_they_may() -> None:
    made = html(
        "[a](kb:two-words#h-x) [b](/desk/) [c](../api) [d](https://ok.example/) ![e](media:abcdefghij0123456789) ![f](/x.png)"
    )
    assert 'href="/help/en/a/two-words/#h-x"' in made
    assert '<img src="/help/media/abcdefghij0123456789/"' in made
    assert 'href="https://ok.example/"' in made
    assert "/desk/" not in made
    assert "../api" not in made
    assert made.count("<img") == 1


def test_video__of_a_named_host__is_shown_and_of_others_is_a_link(settings: Any) -> None:
    settings.KB_VIDEO_HOSTS = ["video.example"]
    made = html("![Tour](https://video.example/1) ![Other](https://video.example.evil/1) ![No](http://video.example/1)")
    assert made.count("<iframe") == 1
    assert 'src="https://video.example/1"' in made
    assert 'href="https://video.example.evil/1"' in made


@pytest.mark.attack("B8")
def test_body__deep_nesting_and_long_lines__end() -> None:
    for body in (">" * 5_000, "[" * 20_000, "*" * 50_000 + "a", "- " * 5_000, ":::note\n" * 2_000, "<" * 50_000):
        assert html(body)


@pytest.mark.attack("B1")
def test_glossary__first_use_outside_of_links__leads_to_its_meaning() -> None:
    made = html("[gas](https://ok.example) and gas and gas in `gas`")
    marked = glossary.marked(made, meanings={"Gas": 'A "fee" <b>', "": "x", "<p>": "y"}, address="/help/en/glossary/")
    assert marked.count("<dfn>") == 1
    assert 'title="A &quot;fee&quot; &lt;b&gt;">gas</a></dfn> and gas in' in marked
    assert "<b>" not in marked
    assert glossary.marked("<p>矿工费是什么</p>", meanings={"矿工费": "费用"}, address="/g/").count("<dfn>") == 1
