"""Drawing: columns over time as rectangles of an SVG, and how strongly the hours of a week are shown."""

from collections.abc import Sequence

from tickets.reports.shapes import Bar, Chart

WIDTH, HEIGHT = 720, 200
LEFT, TOP, BOTTOM = 40, 10, 28
LEVELS = 5
MOST_TICKS = 10
Series = tuple[str, str]


def columns(
    slug: str,
    *,
    title: str,
    summary: str,
    series: Sequence[Series],
    points: Sequence[tuple[str, Sequence[int]]],
    is_stacked: bool,
) -> Chart:
    """Return a chart of columns: `series` are (name, tone), `points` (label, one value for each series)."""
    highest = max((sum(values) if is_stacked else max(values) for _label, values in points), default=0)
    top = nice_top(highest)
    room = (WIDTH - LEFT) / max(1, len(points))
    drawn = HEIGHT - TOP - BOTTOM
    bars: list[Bar] = []
    for number, (label, values) in enumerate(points):
        x, width = LEFT + number * room + room * 0.14, room * 0.72
        each = width if is_stacked else width / len(series)
        base = float(HEIGHT - BOTTOM)
        for place, (value, (name, tone)) in enumerate(zip(values, series, strict=True)):
            height = drawn * value / top
            left = x if is_stacked else x + place * each
            if value:
                said = f"{label}: {name} {value}"
                bars.append(Bar(_r(left), _r(base - height), _r(each), _r(height), tone, said))
            base -= height if is_stacked else 0
    step = -(-len(points) // MOST_TICKS) or 1
    ticks = [(_r(LEFT + (at + 0.5) * room), label) for at, (label, _values) in enumerate(points) if at % step == 0]
    lines = [(_r(HEIGHT - BOTTOM - drawn * share), str(round(top * share))) for share in (0, 0.5, 1)]
    rows = tuple((label, tuple(values)) for label, values in points)
    return Chart(slug, title, summary, tuple(series), tuple(bars), tuple(ticks), tuple(lines), rows, WIDTH, HEIGHT)


def nice_top(highest: int) -> int:
    """Return the next even number of 2, 4, 6, 8 or 10 times a power of ten that nothing is above."""
    power = 1
    while highest > 10 * power:
        power *= 10
    return next((step * power for step in (2, 4, 6, 8) if highest <= step * power), 10 * power)


def level(value: int, highest: int) -> int:
    """Return how strongly a value is shown: 0 for none, 5 for the highest."""
    return -(-LEVELS * value // highest) if value and highest else 0


def _r(value: float) -> float:
    return round(value, 2)
