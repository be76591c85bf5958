"""F12: 500 messages as fast as they can be stored into one conversation, whose reader stands still meanwhile."""

import os
import signal

from tests.faults import results
from tests.faults.conversations import conversing
from tests.faults.ground import Ground
from tests.faults.recorder import Recorder
from tests.faults.results import Result

MESSAGES, MESSAGES_OF_A_MOMENT = 500, 60
BESIDE = 20
BESIDE_WITHIN_S = 3.0


def run(ground: Ground) -> Result:
    """Stop the process of one reader, fill its conversation, let others talk beside, and let it go on."""
    recorder = Recorder("F12")
    fast = MESSAGES if ground.is_patient else MESSAGES_OF_A_MOMENT
    slowest = 0.0
    with conversing(ground, recorder) as others, conversing(ground, recorder, chats=1) as stalled:
        for _ in range(ground.rounds):
            os.kill(stalled.crowd.process.pid, signal.SIGSTOP)
            try:
                for _ in range(fast):
                    stalled.answer(0)
                visitors = ground.random.sample(range(len(others.chats)), BESIDE)
                others.say([(visitor, 0) for visitor in visitors])
                others.settle()
            finally:
                os.kill(stalled.crowd.process.pid, signal.SIGCONT)
            stalled.settle()
            slowest = max(slowest, _slowest(others.crowd.journal().written, others.crowd.journal().acknowledged))
        tally = recorder.tally(others.found() + stalled.found())
    if ground.is_patient and slowest > BESIDE_WITHIN_S:
        ground.notes.append(f"a message beside took {slowest:.1f} s")
    remarks = [f"{fast} messages a round; beside them others' words were stored within {slowest:.2f} s"]
    return results.judge(ground, recorder, tally, remarks)


def _slowest(written: dict[str, float], acknowledged: dict[str, float]) -> float:
    return max((at - written[text] for text, at in acknowledged.items()), default=0.0)
