"""What beat rings for every few seconds has a queue of its own, and a process that takes nothing else."""

from pathlib import Path

from helpdesk.celery import ROUNDS, ROUNDS_QUEUE, app
from helpdesk.embedded.environment import Running
from helpdesk.embedded.places import of
from helpdesk.launcher import programs

PORTS = {"PORT": "1", "WS_PORT": "2", "CONTENT_PORT": "3", "SMTP_PORT": "4"}
# Says that the worker works, and has to go through its queue for that.
OF_THE_WORKER = {"core.heartbeat_beat"}
MINUTE_S = 60.0
# Comes once a day and takes a tenth of a second: a backlog of mail must not keep it waiting either.
DAILY = {"security.prove_fund_rule"}

# Tasks are found when a process begins; no process has begun here.
app.loader.import_default_modules()


def queue_of(name: str) -> str:
    return str(app.amqp.router.route({}, name)["queue"].name)


def taken_by(program: str) -> str:
    table = programs.desk(Running(of(Path("/nowhere")), PORTS, False, False, "", ""))
    command = next(one.command for one in table if one.name == program)
    return command[command.index("--queues") + 1]


def test_schedule__what_comes_within_a_minute__is_a_round() -> None:
    often = {
        round_["task"]
        for round_ in app.conf.beat_schedule.values()
        if isinstance(round_["schedule"], float) and round_["schedule"] <= MINUTE_S
    }

    assert often - OF_THE_WORKER == set(ROUNDS) - DAILY


def test_queues__of_rounds_and_of_work__have_a_process_each() -> None:
    assert {queue_of(name) for name in ROUNDS} == {ROUNDS_QUEUE} == {taken_by("rounds")}
    assert {queue_of(name) for name in app.tasks if name not in ROUNDS} == {taken_by("worker")}


def test_rounds__every_one__is_over_within_a_minute() -> None:
    assert all(app.tasks[name].time_limit <= MINUTE_S for name in ROUNDS)
