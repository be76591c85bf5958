"""What killed test sessions leave in memory goes with the next session; what is in use stays."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from helpdesk.embedded.places import ROOT
from tests.support import session

HOLD = """
import sys
from pathlib import Path
from tests.support.session import hold
hold(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A session's folder, made an hour ago by a process that is gone."""
    made = tmp_path / "pharos-test-0a1b2c3d"
    (made / "postgres").mkdir(parents=True)
    (made / session.LOCK).touch()
    age(made)
    return made


def age(folder: Path) -> None:
    os.utime(folder / session.LOCK, (0, 0))


def test_tidy_away__session_is_gone__removes_its_folder_and_nothing_else(folder: Path) -> None:
    (other := folder.with_name("somebody-elses")).mkdir()
    session.tidy_away(folder.parent)
    assert not folder.exists()
    assert other.exists()


def test_tidy_away__session_has_only_just_begun__leaves_it(folder: Path) -> None:
    (folder / session.LOCK).touch()
    session.tidy_away(folder.parent)
    assert (folder / "postgres").exists()


def test_tidy_away__session_lives__leaves_it_until_it_is_killed(folder: Path) -> None:
    (folder / session.LOCK).unlink()
    command = [sys.executable, "-c", HOLD, str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"held\n"
            age(folder)
            session.tidy_away(folder.parent)
            assert (folder / "postgres").exists()
        finally:
            process.kill()
    session.tidy_away(folder.parent)
    assert not folder.exists()
