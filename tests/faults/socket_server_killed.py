"""F2: the socket server is killed (-9) while 200 conversations are going on; all come back at once."""

import signal
import time
from urllib.request import urlopen

from tests.faults import results
from tests.faults.conversations import conversing, percentile_95
from tests.faults.ground import Ground
from tests.faults.recorder import Recorder
from tests.faults.results import Result

AWAY_S = (0.0, 1.0)
ANSWERS = 10
UP_S = 30.0
CATCH_UP_S = 3.0


def run(ground: Ground) -> Result:
    """Kill and start again, round after round, in the middle of what is being written."""
    recorder = Recorder("F2")
    waits: list[float] = []
    with conversing(ground, recorder) as talk:
        for _ in range(ground.rounds):
            talk.say([(visitor, 0) for visitor in range(len(talk.chats))])
            answered = [ground.random.randrange(len(talk.chats)) for _ in range(ANSWERS)]
            for visitor in answered[: ANSWERS // 2]:
                talk.answer(visitor)
            ground.system.stop("sockets", number=signal.SIGKILL)
            for visitor in answered[ANSWERS // 2 :]:
                talk.answer(visitor)
            time.sleep(ground.random.uniform(*AWAY_S))
            ground.system.start("sockets")
            back = _up(ground)
            waits += [max(0.0, at - back) for at in talk.settle().values()]
        tally = recorder.tally(talk.found())
        chats = len(talk.chats)
    slow = percentile_95(waits)
    if ground.is_patient and slow > CATCH_UP_S:
        ground.notes.append(f"p95 of catching up is {slow:.1f} s")
    remarks = [
        f"{chats} conversations; caught up {slow:.2f} s (p95), {max(waits, default=0):.2f} s (slowest) after it was back"
    ]
    return results.judge(ground, recorder, tally, remarks)


def _up(ground: Ground) -> float:
    """Wait until the server serves again; return that moment."""
    url = ground.system.socket_url.replace("ws://", "http://") + "/healthz"

    def serves() -> bool:
        try:
            with urlopen(url, timeout=1) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    ground.wait(serves, "the socket server to serve again", patience_s=UP_S)
    return time.monotonic()
