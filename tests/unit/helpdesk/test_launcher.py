"""The launcher's refusals, its table of processes and its lock."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpdesk.embedded import environment, keys, places, postgres
from helpdesk.embedded.environment import VERIFIER_NAMES, Running
from helpdesk.embedded.places import ROOT, Places
from helpdesk.embedded.problem import SetupError
from helpdesk.launcher import lock, preflight, programs, reset, supervision
from helpdesk.launcher.programs import THE_DESKS_NAMES, Program
from helpdesk.launcher.progress import WORTH_SAYING

HOLD = (
    "import sys; from helpdesk.embedded import places; from helpdesk.launcher import lock; from pathlib import Path; "
    "held = lock.take(places.of(Path(sys.argv[1]))); print('held', flush=True); sys.stdin.read()"
)


@pytest.fixture
def where(tmp_path: Path) -> Places:
    """The folders of a new copy."""
    found = places.of(tmp_path / "var")
    places.prepare(found)
    return found


@pytest.fixture
def running(where: Places) -> Running:
    """A copy with embedded stores that is not started."""
    return environment.resolve(where, {})


@pytest.fixture
def other_launcher(where: Places) -> Iterator["subprocess.Popen[str]"]:
    """Another process that holds the copy's lock."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(where.var_dir)], cwd=ROOT, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def free_ports() -> dict[str, str]:
    """Return an environment with free ports."""
    return {name: str(preflight.free_port()) for name in environment.PORTS}


@pytest.mark.parametrize("name", environment.PORTS)
def test_ports__one_in_use__names_the_variable_to_change(name: str) -> None:
    given = free_ports()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", int(given[name])))
        taken.listen()

        with pytest.raises(SetupError, match=rf"Port {given[name]} is in use: set {name} to a free one"):
            preflight.ports(given)


def test_ports__two_the_same__names_both() -> None:
    given = free_ports()
    given["WS_PORT"] = given["PORT"]

    with pytest.raises(SetupError, match="PORT and WS_PORT are both"):
        preflight.ports(given)


@pytest.mark.parametrize("value", ["http", "0", "70000", "-1"])
def test_ports__not_a_port_number__says_what_is_wanted(value: str) -> None:
    with pytest.raises(SetupError, match="PORT must be a port number"):
        preflight.ports({**free_ports(), "PORT": value})


def test_disk__full__says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preflight, "FREE_BYTES", 10**18)

    with pytest.raises(SetupError, match=r"The disk under .* is full"):
        preflight.disk(tmp_path)


def test_lock__held_by_a_living_launcher__names_it(where: Places, other_launcher: "subprocess.Popen[str]") -> None:
    with pytest.raises(SetupError, match="Pharos already runs from") as refused:
        lock.take(where)

    assert f"process {other_launcher.pid}" in str(refused.value)


def test_lock__left_by_a_killed_launcher__is_taken_over(where: Places, other_launcher: "subprocess.Popen[str]") -> None:
    other_launcher.kill()
    other_launcher.wait()

    with lock.take(where):
        assert (where.run / "launcher.pid").read_text().strip() == str(os.getpid())


def test_reset__while_a_launcher_lives__keeps_the_data(where: Places, other_launcher: "subprocess.Popen[str]") -> None:
    assert other_launcher.poll() is None
    (where.var_dir / "media").mkdir()

    with pytest.raises(SetupError, match="already runs"):
        reset.reset(where)

    assert (where.var_dir / "media").exists()


def test_reset__of_a_stopped_copy__deletes_our_data_and_nothing_else(where: Places) -> None:
    (where.var_dir / "media").mkdir()
    (where.var_dir / "own notes.txt").touch()

    reset.reset(where)

    assert [path.name for path in where.var_dir.iterdir()] == ["own notes.txt"]


def test_cluster__of_another_version__is_not_touched(where: Places) -> None:
    where.postgres.mkdir()
    (where.postgres / "PG_VERSION").write_text("17\n")

    with pytest.raises(SetupError, match="made by PostgreSQL 17 and this is 18"):
        postgres.initialise(where.postgres, "unused")


def test_dead_server__whose_pid_is_somebody_elses_now__is_forgotten(where: Places) -> None:
    where.postgres.mkdir()
    pid_file = where.postgres / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n{where.postgres}\n")

    postgres.forget_dead_server(where.postgres, where.sockets)

    assert not pid_file.exists()


def test_programs__that_open_no_envelopes__are_not_given_the_seal(running: Running) -> None:
    assert {program.name for program in programs.desk(running) if program.holds_seal} == {"worker", "mail"}


def test_table__every_program__is_denied_what_it_must_not_hold(running: Running, tmp_path: Path) -> None:
    programs.write_table(tmp_path / "table.json", programs.desk(running))

    told = {name: entry["environment"] for name, entry in json.loads((tmp_path / "table.json").read_text()).items()}

    assert all(environment["DATABASE_OWNER_URL"] == "" for environment in told.values())
    assert {name for name, environment in told.items() if "PHAROS_SEAL_PRIVATE_KEY" not in environment} == {
        "worker",
        "mail",
    }


def test_table__exchange__is_told_no_secret_of_ours(running: Running, tmp_path: Path) -> None:
    programs.write_table(tmp_path / "table.json", programs.exchange(running))

    told = json.loads((tmp_path / "table.json").read_text())["sandbox"]["environment"]

    secret = {name for name, value in running.values.items() if name in keys.NAMES or name.startswith("DATABASE_")}
    # The public half of the seal is no secret, and no use to anybody else.
    assert {name for name in secret if told.get(name) != ""} == {"PHAROS_SEAL_PUBLIC_KEY"}
    assert told["REDIS_URL"] == ""
    assert told["DJANGO_SETTINGS_MODULE"] == "sandbox.settings"


def test_table__what_the_verifier_holds__nobody_else_does_and_it_holds_nothing_else(
    running: Running, tmp_path: Path
) -> None:
    programs.write_table(tmp_path / "table.json", programs.desk(running))

    told = {name: entry["environment"] for name, entry in json.loads((tmp_path / "table.json").read_text()).items()}

    for name, given in told.items():
        withheld = THE_DESKS_NAMES if name == "verifier" else VERIFIER_NAMES
        assert all(given[variable] == "" for variable in withheld), name
        assert not any(variable in given for variable in VERIFIER_NAMES) or name != "verifier"


def test_configuration__every_program__stops_before_the_stores(running: Running) -> None:
    text = supervision.configuration(programs.table(running))

    assert "[group:stores]\nprograms = postgres,valkey\npriority = 1" in text
    assert "[group:exchange]\nprograms = sandbox\npriority = 2" in text
    assert "[group:desk]\nprograms = web,sockets,worker,rounds,beat,mail,discord,verifier\npriority = 3" in text


def test_bound__when_its_parent_is_killed__ends_too(tmp_path: Path) -> None:
    table = tmp_path / "table.json"
    program = Program(
        "sleeper",
        programs.SUPERVISION,
        (sys.executable, "-c", "import os, time; print(os.getpid(), flush=True); time.sleep(60)"),
    )
    programs.write_table(table, [program])
    script = "import subprocess, sys; subprocess.Popen(sys.argv[1:]).wait()"
    parent = subprocess.Popen(
        [sys.executable, "-c", script, *programs.bound(table, program)], stdout=subprocess.PIPE, text=True
    )
    with parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
        parent.wait()
        give_up = time.monotonic() + 10
        while is_running(child):
            assert time.monotonic() < give_up
            time.sleep(0.01)


def test_bound__program_without_the_seal__sees_it_empty(tmp_path: Path) -> None:
    table = tmp_path / "table.json"
    program = Program(
        "web",
        programs.DESK,
        (sys.executable, "-c", "import os; print([os.environ['PHAROS_SEAL_PRIVATE_KEY'], os.environ['SECRET_KEY']])"),
    )
    programs.write_table(table, [program])
    told = {**os.environ, "PHAROS_SEAL_PRIVATE_KEY": "sealed", "SECRET_KEY": "kept"}

    said = subprocess.run(programs.bound(table, program), env=told, capture_output=True, text=True, check=True).stdout

    assert said == "['', 'kept']\n"


@pytest.mark.parametrize(
    ("line", "worth"),
    [
        ("2026-11-23 10:00:00 [warning  ] mailbox.unreachable", True),
        ("2026-11-23 10:00:00 [info     ] mail.sent", False),
        ("2026-11-23 10:00:00 UTC [12] FATAL:  password authentication failed", True),
        ("Traceback (most recent call last):", True),
    ],
)
def test_echo__line_of_a_log__is_repeated_when_it_warns(line: str, worth: bool) -> None:
    assert bool(WORTH_SAYING.search(line)) is worth


def is_running(pid: int) -> bool:
    """Return whether the process exists and is not a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
