"""How X counts, by its published rules, and how a long answer becomes a thread."""

import pytest

from tickets.channels.x.counting import LONGEST_POST, public_parts, weight


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("", 0),
        ("Hello", 5),
        ("ĀăƏ Ελλάδα Привет", 17),
        ("我们正在处理", 12),
        ("ありがとう", 10),
        ("안녕", 4),
        ("“quoted” — dash…", 17),
        ("😷", 2),
        ("👨‍👩‍👧‍👦", 2),
        ("🇬🇧", 2),
        ("1️⃣", 2),
        ("👍🏽", 2),
        ("❤️", 2),
        ("e\u0301", 1),
        ("https://pharos.test/a", 23),
        ("https://pharos.test/" + "a" * 200, 23),
        ("See https://pharos.test/" + "a" * 100 + ".", 28),
        ("看https://pharos.test/a看", 27),
        ("pharos.test", 23),
        ("http://localhost:8000/portal/requests/1", 39),
    ],
)
def test_weight__by_the_published_rules(text: str, counted: int) -> None:
    assert weight(text) == counted


@pytest.mark.parametrize("text", ["a" * 280, "我" * 140, "😀" * 140, "https://pharos.test/" + "a" * 900])
def test_parts__what_fits__is_one_post_without_a_number(text: str) -> None:
    assert public_parts(text) == [text]


@pytest.mark.parametrize(
    "text",
    [
        "a" * 281,
        "我" * 500,
        "👨‍👩‍👧‍👦" * 200,
        "word " * 199,
        "x" * 100 + "\n\n" + "y " * 200,
        "http://localhost/" + "z" * 700,
    ],
)
def test_parts__what_does_not_fit__is_cut_numbered_and_whole(text: str) -> None:
    parts = public_parts(text)
    assert len(parts) > 1
    assert all(weight(part) <= LONGEST_POST for part in parts)
    assert [part.rpartition(" ")[2] for part in parts] == [f"({n}/{len(parts)})" for n in range(1, len(parts) + 1)]
    joined = "".join(part.rpartition(" ")[0] for part in parts)
    assert "".join(joined.split()) == "".join(text.split())


def test_parts__links_and_signs__are_never_cut() -> None:
    link, family = "https://pharos.test/help/" + "a" * 80, "👨‍👩‍👧‍👦"
    parts = public_parts(f"{'word ' * 53}{link} {family * 130}")
    assert sum(link in part for part in parts) == 1
    assert sum(part.count(family) for part in parts) == 130


@pytest.mark.parametrize("text", ["", "  \n "])
def test_parts__nothing__is_no_post(text: str) -> None:
    assert public_parts(text) == []
