"""Every fault once, seeded, with the database's clock moved over the waiting; `make faults` runs many with patience."""

import importlib
import os
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import psycopg
import pytest

from tests.faults import results
from tests.faults.catalogue import CHOSEN_NAME, FAULTS, FOLDER_NAME, ROUNDS_NAME, SEED_NAME
from tests.faults.ground import Ground
from tests.faults.recorder import Recorder
from tests.support.databases import TestStores
from tests.support.system import RunningSystem

pytestmark = [pytest.mark.xdist_group("faults"), pytest.mark.timeout(240)]
CHOSEN = [name for name in FAULTS if name in os.environ.get(CHOSEN_NAME, ",".join(FAULTS)).split(",")]


@pytest.fixture
def ground(
    running_system: RunningSystem,
    system_db: str,
    test_stores: TestStores,
    owner_connection: "psycopg.Connection[Any]",
) -> Iterator[Ground]:
    made = Ground(
        system=running_system,
        stores=test_stores,
        owner=owner_connection,
        random=Random(int(os.environ.get(SEED_NAME, "1"))),  # noqa: S311 -- repeatable, protects nothing
        rounds=int(os.environ.get(ROUNDS_NAME, "1")),
        is_patient=FOLDER_NAME in os.environ,
    )
    yield made
    made.restore()
    test_stores.ensure_valkey()


@pytest.mark.parametrize("name", CHOSEN)
def test_fault__as_it_says__loses_nothing_and_doubles_nothing(ground: Ground, name: str) -> None:
    result: results.Result = importlib.import_module(f"tests.faults.{FAULTS[name][0]}").run(ground)
    results.write(result, Path(os.environ.get(FOLDER_NAME) or ground.system.running.places.var_dir / "faults"))
    assert result.ok, "\n".join(result.notes)
    assert result.acknowledged > 0
    assert (result.lost, result.duplicated) == (0, 0)


def test_recorder__planted_faults__are_seen() -> None:
    recorder = Recorder("F0")
    lost, twice, unknown, refused, fine = (recorder.invoke("x") for _ in range(5))
    for number in (lost, twice, fine):
        recorder.ok(number)
    recorder.fail(refused, "422")
    texts = [f"a {recorder.mark(twice)} b", recorder.mark(twice), recorder.mark(fine), "[F0/other/00001]"]
    tally = recorder.tally(recorder.found(texts))
    assert (tally.acknowledged, tally.stored) == (3, 2)
    assert (tally.lost, tally.duplicated, tally.unknown) == ((lost,), (twice,), (unknown,))
