"""Every fault once, seeded, with the database's clock moved over the waiting; `make faults` runs many with patience."""

import importlib
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import psycopg
import pytest
from pytest_django import DjangoDbBlocker, Settings

from tests.faults import results
from tests.faults.catalogue import CHOSEN_NAME, FAULTS, FOLDER_NAME, ROUNDS_NAME, SEED_NAME
from tests.faults.ground import Ground
from tests.faults.own_server import OwnServer
from tests.faults.results import Result
from tests.support.databases import TestStores, pointed_to
from tests.support.system import RunningSystem

# `make faults` takes the time it takes; 0 means no limit.
pytestmark = [pytest.mark.xdist_group("faults"), pytest.mark.timeout(0 if FOLDER_NAME in os.environ else 480)]
WANTED = os.environ[CHOSEN_NAME].split(",") if CHOSEN_NAME in os.environ else None
CHOSEN = [name for name, fault in FAULTS.items() if (not fault.is_timed if WANTED is None else name in WANTED)]
SEED = int(os.environ.get(SEED_NAME, "1"))


@pytest.fixture(scope="module")
def own_copy() -> Iterator[OwnServer]:
    """A copy on stores of its own, for the first fault that asks and those behind it."""
    server = OwnServer()
    try:
        server.system.wait_until_ready()
        yield server
    finally:
        server.stop()


@pytest.fixture
def shared_ground(
    running_system: RunningSystem,
    system_db: str,
    test_stores: TestStores,
    owner_connection: "psycopg.Connection[Any]",
) -> Iterator[Ground]:
    yield _made(running_system, owner_connection, test_stores)
    test_stores.ensure_valkey()


@pytest.fixture
def own_ground(
    own_copy: OwnServer, test_stores: TestStores, django_db_blocker: DjangoDbBlocker, settings: Settings
) -> Iterator[Ground]:
    settings.AUDIT_ANCHOR_FILE = str(own_copy.system.running.places.var_dir / "anchors" / "audit")
    with django_db_blocker.unblock(), pointed_to(own_copy.place):
        made = _made(own_copy.system, own_copy.owner(), test_stores, own_copy)
        yield made
        made.owner.close()


@pytest.fixture
def ground(request: pytest.FixtureRequest) -> Iterator[Ground]:
    """What the fault named by the test's parameter runs on."""
    has_own_server = FAULTS[request.node.callspec.params["name"]].has_own_server
    made: Ground = request.getfixturevalue("own_ground" if has_own_server else "shared_ground")
    yield made
    made.restore()


def _made(
    system: RunningSystem, owner: "psycopg.Connection[Any]", stores: TestStores, server: OwnServer | None = None
) -> Ground:
    return Ground(
        system=system,
        stores=stores,
        owner=owner,
        random=Random(SEED),  # noqa: S311 -- repeatable, protects nothing
        rounds=int(os.environ.get(ROUNDS_NAME, "1")),
        is_patient=FOLDER_NAME in os.environ,
        server=server,
    )


@pytest.mark.parametrize("name", CHOSEN)
def test_fault__as_it_says__loses_nothing_and_doubles_nothing(ground: Ground, name: str) -> None:
    started = time.monotonic()
    found: Result = importlib.import_module(f"tests.faults.{FAULTS[name].module}").run(ground)
    seconds = round(time.monotonic() - started, 1)
    result = replace(found, seconds=seconds, seed=SEED, at=datetime.now(UTC).isoformat(timespec="seconds"))
    results.write(result, Path(os.environ.get(FOLDER_NAME) or ground.system.running.places.var_dir / "faults"))
    assert result.ok, "\n".join(result.notes)
    assert result.id == name
    assert result.lost == 0
    assert result.acknowledged > 0 or FAULTS[name].is_timed
