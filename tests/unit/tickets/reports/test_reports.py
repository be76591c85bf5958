"""Asking, drawing and writing of reports: no database."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tickets.reports import charts, csv_text
from tickets.reports.asked import Unanswerable, read
from tickets.reports.shapes import Cell, duration, parts

NOW = datetime(2026, 3, 29, 22, 30, 40, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def test_today__in_another_zone__is_that_zones_day_across_a_change_of_the_clock() -> None:
    asked = read({"period": "today"}, now=NOW - timedelta(hours=5), zone=BERLIN)
    assert (asked.first_day, asked.last_day) == (date(2026, 3, 29), date(2026, 3, 29))
    assert asked.end - asked.start == timedelta(hours=24)
    assert (asked.end.astimezone(UTC) - asked.start.astimezone(UTC)) == timedelta(hours=23)
    assert asked.as_of == datetime(2026, 3, 29, 17, 30, tzinfo=UTC)


def test_question__written_as_parameters__asks_the_same_again() -> None:
    asked = read({"period": "30d", "channel": "chat"}, now=NOW, zone=BERLIN)
    again = read(asked.parameters(), now=NOW + timedelta(days=400), zone=BERLIN)
    assert (again.start, again.end, again.as_of, again.only) == (
        asked.start,
        asked.end,
        asked.as_of,
        {"channel": "chat"},
    )


@pytest.mark.parametrize(
    "asks", [{"period": "x"}, {"as_of": "2026-03-29T22:31Z"}, {"as_of": "now"}, {"period": "own", "from": "2026-04-02"}]
)
def test_question__without_an_answer__is_refused(asks: dict[str, str]) -> None:
    with pytest.raises(Unanswerable):
        read(asks, now=NOW, zone=BERLIN)


@pytest.mark.attack("B4")
@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_csv__text_that_a_spreadsheet_would_reckon__gets_a_quote(sign: str) -> None:
    written = b"".join(csv_text.lines([[f"{sign}1+1", 'a "b", c']], zone=BERLIN, has_bom=False)).decode()
    assert next(csv.reader(io.StringIO(written, newline=""))) == [f"'{sign}1+1", 'a "b", c']


def test_csv__numbers_moments_and_nothing__are_plain() -> None:
    rows = [[-3, None, datetime(2026, 3, 29, 0, 30, tzinfo=UTC), "x"]]
    assert (
        b"".join(csv_text.lines(rows, zone=BERLIN, has_bom=True)).decode()
        == "\ufeff-3,,2026-03-29T01:30:00+01:00,x\r\n"
    )


@pytest.mark.parametrize(("highest", "top"), [(0, 2), (1, 2), (3, 4), (7, 8), (9, 10), (11, 20), (95, 100), (401, 600)])
def test_top_of_a_chart__is_a_round_even_number_that_nothing_is_above(highest: int, top: int) -> None:
    assert charts.nice_top(highest) == top


def test_columns__stacked__stand_on_each_other_and_stay_in_the_drawing() -> None:
    made = charts.columns(
        "c", title="t", summary="s", series=(("a", "good"), ("b", "bad")), points=[("1", (3, 5)), ("2", (0, 1))],
        is_stacked=True,
    )  # fmt: skip
    first, second, third = made.bars
    assert first.y == pytest.approx(second.y + second.height)
    assert second.y >= charts.TOP
    assert third.x > first.x + first.width
    assert made.rows == (("1", (3, 5)), ("2", (0, 1)))


def test_level__of_the_highest__is_the_strongest_and_of_none_is_none() -> None:
    assert [charts.level(value, 10) for value in (0, 1, 5, 10)] == [0, 1, 3, 5]


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "0 s"), (59, "59 s"), (60, "1 min"), (3_720, "1 h 2 min"), (90_000, "1 d 1 h")]
)
def test_duration__is_said_in_its_two_largest_units(seconds: int, said: str) -> None:
    assert duration(seconds) == said


def test_cell__of_nothing__is_a_dash() -> None:
    assert [str(Cell(None)), str(Cell(1234)), str(Cell(12.6, "percent"))] == ["–", "1,234", "13 %"]


def test_parts__of_nothing__draw_nothing() -> None:
    assert parts([(0, "good"), (0, "bad")], 0) == ()
    assert [(one.x, one.width) for one in parts([(1, "good"), (3, "bad")], 4)] == [(0, 25), (25, 75)]
