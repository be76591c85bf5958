"""F1: a web worker is killed 0 to 200 ms after a POST; the client asks again with its Idempotency-Key."""

from functools import partial

from tests.factories.accounts import StaffFactory
from tests.faults import nemesis, results
from tests.faults.ground import Ground, together
from tests.faults.recorder import Recorder
from tests.faults.results import Result
from tickets.models import Ticket

AT_ONCE = 4
WITHIN_S = 0.2
PATH = "/api/v1/tickets/"


def run(ground: Ground) -> Result:
    """Open tickets by the API while workers die."""
    recorder = Recorder("F1")
    token = ground.token(StaffFactory.create(role="agent", email=f"f1-{recorder.run}@cast.test"), "write")
    killed = 0
    for _ in range(ground.rounds):
        posts = []
        for _ in range(AT_ONCE):
            number = recorder.invoke("POST ticket")
            mark = recorder.mark(number)
            requester = {"address": f"f1-{recorder.run}-{number}@example.com"}
            body = {"subject": f"Fault {mark}", "text": f"Where is it? {mark}", "requester": requester}
            posts.append(partial(ground.post_until_answered, recorder, number, PATH, body, token))
        victims: list[int] = []
        kill = partial(_kill, ground, victims)
        with nemesis.meanwhile((ground.random.uniform(0, WITHIN_S), kill)):
            together(*posts)
        killed += sum(1 for victim in victims if victim)
    subjects = Ticket.objects.filter(subject__contains=f"[F1/{recorder.run}/").values_list("subject", flat=True)
    tally = recorder.tally(recorder.found(subjects))
    return results.judge(ground, recorder, tally, [f"{killed} web workers killed"])


def _kill(ground: Ground, victims: list[int]) -> None:
    victims.append(nemesis.kill_a_child(ground.system.processes["web"], ground.random))
