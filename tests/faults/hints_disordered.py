"""F11: hints come late, twice, out of order or not at all, answers are old or lost; two tabs each, some offline."""

import time
from datetime import timedelta

from tests.faults import results
from tests.faults.conversations import conversing
from tests.faults.ground import Ground
from tests.faults.recorder import Recorder
from tests.faults.results import Result

TABS = 2
WEATHER = {"twice": 0.3, "lost": 0.3, "lateMs": 400, "answerLost": 0.2, "answerLateMs": 400}
OFFLINE_OF = 4
WRITERS_OF = 2
ANSWERS = 20
MOMENT_S = 0.3
HOUR = timedelta(hours=1)


def run(ground: Ground) -> Result:
    """Write from both tabs in bad weather; a quarter has no network for an hour and writes all the same."""
    recorder = Recorder("F11")
    with conversing(ground, recorder, tabs=TABS) as talk:
        everybody = range(len(talk.chats))
        for _ in range(ground.rounds):
            talk.crowd.weather(**WEATHER)
            offline = ground.random.sample(everybody, len(talk.chats) // OFFLINE_OF)
            talk.crowd.online(offline, is_on=False)
            writers = ground.random.sample(everybody, len(talk.chats) // WRITERS_OF)
            talk.say([(visitor, ground.random.randrange(TABS)) for visitor in (*writers, *offline)])
            for visitor in (ground.random.choice(everybody) for _ in range(ANSWERS)):
                talk.answer(visitor)
            time.sleep(ground.random.uniform(0, MOMENT_S))
            # The clock of tokens and sessions is the database's.
            ground.move(HOUR)
            talk.crowd.online(offline, is_on=True)
            time.sleep(ground.random.uniform(0, MOMENT_S))
            talk.crowd.weather()
            # Looked at again; a tab that is looked at all the while finds a lost hint out within 45 s.
            talk.crowd.online(everybody, is_on=True)
            talk.settle()
        tally = recorder.tally(talk.found())
        remarks = [f"{len(talk.chats)} conversations in {TABS} tabs each, all alike and as stored"]
    return results.judge(ground, recorder, tally, remarks)
