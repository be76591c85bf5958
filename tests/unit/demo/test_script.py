"""The format of the conversation scripts."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from helpdesk.demo import cast, documents, pictures, script, voice
from helpdesk.demo.secrets_sent import card_number, seed_phrase
from helpdesk.demo.slots import fill_values
from security.redaction import redact


def repeatable(seed: int) -> Random:
    return Random(seed)  # noqa: S311 -- a test must draw the same again


SAMPLE = """
# a comment
=== lost-parcel
topic: deposits.missing
tags: one {asset}
priority: normal high
subject: First
subject: Second
C: Hello
@file tx_png
/
Other words
over two lines
@raw
A+2d: Answer
H: Waiting
"""


def test_parse__sample__reads_header_turns_and_variants() -> None:
    (found,) = script.parse(SAMPLE, language="en", source="sample")

    assert (found.key, found.team, found.subjects) == ("lost-parcel", "payments", ("First", "Second"))
    assert found.priorities == ("normal", "high")
    assert [turn.speaker for turn in found.turns] == ["C", "A", "H"]
    first, second = found.turns[0].variants
    assert (first.text, first.files) == ("Hello", ("tx_png",))
    assert (second.text, second.flags) == ("Other words\nover two lines", frozenset({"raw"}))
    assert found.turns[1].wait == timedelta(days=2)


@pytest.mark.parametrize(
    "broken", ["=== x\nsubject: s\nC: hi", "=== x\ntopic: a.b\nC: hi", "=== x\ntopic: a.b\nsubject: s\nA: hi"]
)
def test_parse__incomplete_scenario__is_refused(broken: str) -> None:
    with pytest.raises(script.ScriptError):
        script.parse(broken, language="en", source="broken")


def test_parse__stray_header_line__is_refused() -> None:
    with pytest.raises(script.ScriptError, match="not a header line"):
        script.parse("=== x\njust words\ntopic: a.b", language="en", source="broken")


@pytest.mark.parametrize("scenario", script.scenarios(), ids=lambda one: f"{one.language}.{one.key}")
def test_scenarios__every_variant__can_be_told(scenario: script.Scenario) -> None:
    random = repeatable(1)
    topics = {topic.key for topic in cast.topics()}
    at = datetime(2026, 1, 5, tzinfo=UTC)
    slots = fill_values(random, topic=scenario.topic, assets=scenario.assets, language=scenario.language, at=at)
    slots |= {"name": "N", "first": "F", "agent": "A", "lead": "L", "country": "C"}

    assert scenario.topic in topics
    assert scenario.team in {team.key for team in cast.TEAMS}
    assert scenario.language == "en" or scenario.language in cast.SPEAKERS
    for text in [*scenario.subjects, *scenario.tags, *(v.text for turn in scenario.turns for v in turn.variants)]:
        voice.fill(text, slots, random)
    for turn in scenario.turns:
        for variant in turn.variants:
            assert variant.text
            assert set(variant.files + variant.inline) <= pictures.kinds() | documents.kinds()
            assert variant.flags <= {"quote", "raw", "unproven", "secret"}


def test_fill__choices_and_slots__are_replaced() -> None:
    said = voice.fill("[one {asset}|two {asset}] for {name}", {"asset": "BTC", "name": "Ann"}, repeatable(3))

    assert said in {"one BTC for Ann", "two BTC for Ann"}


def test_fill__unknown_slot__fails_loudly() -> None:
    with pytest.raises(KeyError):
        voice.fill("{nonsense}", {}, repeatable(1))


@pytest.mark.parametrize("seed", range(20))
def test_secrets__well_formed__are_found_by_the_redactor(seed: int) -> None:
    random = repeatable(seed)
    words, card = seed_phrase(random), card_number(random)

    shown = redact(f"my words: {words}\ncard {card}").text

    assert words not in shown
    assert card not in shown


def test_pdf__cross_reference_table__points_at_its_objects() -> None:
    content = documents.pdf(["One (1)", "Zwei Ä"])
    start = int(content.rsplit(b"startxref\n", 1)[1].split()[0])
    entries = content[start:].split(b"\n")[3:8]

    assert content[start:].startswith(b"xref")
    for number, entry in enumerate(entries, start=1):
        offset = int(entry.split()[0])
        assert content[offset:].startswith(b"%d 0 obj" % number)
