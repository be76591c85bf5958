"""Tables of results: written between the markers, prose untouched, every bench has its place."""

import json
from pathlib import Path

import pytest

from bench import report, table
from bench.__main__ import NAMES
from bench.report import Measured, Target


@pytest.fixture
def results(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    measured = Measured("queue", 1000, floors={"bare": 1.5})
    measured.results.append(report.row("desk page", [[2.0, 4.0]], sql=7, ratio=2.5))
    measured.targets += [Target("fast", 3, 2), Target("many", 10, 5, is_least=True)]
    report.write(measured, tmp_path)
    capsys.readouterr()
    return tmp_path


def test_document__every_bench__has_one_place_for_its_table() -> None:
    text = table.DOCUMENT.read_text(encoding="utf-8")
    counts = {mark: text.count(mark) for name in NAMES for mark in table.marks(name)}
    assert set(counts.values()) == {1}, counts


def test_rendered__results_and_targets__are_rows_with_their_verdicts(results: Path) -> None:
    text = table.rendered(json.loads((results / "queue.json").read_text(encoding="utf-8")))
    assert "| desk page | 2 | 2.00 | 4.00 | 4.00 | 333.3 | 7 | 2.5 | 0 |" in text
    assert "| fast | 3 | ≤ 2 | **no** |" in text
    assert "| many | 10 | ≥ 5 | yes |" in text
    assert "BENCH_SIZE=1000" in text


def test_main__results__replace_what_stood_there_and_nothing_else(
    results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start, end = table.marks("queue")
    document = tmp_path / "performance.md"
    document.write_text(f"before\n{start}\n999 typed by hand\n{end}\nafter\n", encoding="utf-8")
    monkeypatch.setattr(table, "DOCUMENT", document)

    assert table.main([str(results)]) == 0

    text = document.read_text(encoding="utf-8")
    assert text.startswith(f"before\n{start}\n")
    assert text.endswith(f"{end}\nafter\n")
    assert "999" not in text
    assert "desk page" in text


def test_main__no_results__says_so_and_is_status_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert table.main([str(tmp_path)]) == 1
    assert "make bench" in capsys.readouterr().err


def test_replaced__no_place_in_the_document__is_an_error() -> None:
    with pytest.raises(LookupError, match="no place"):
        table.replaced("nothing", "queue", "table")
