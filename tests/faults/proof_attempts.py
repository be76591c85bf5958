"""F25: an answer is counted whatever becomes of its caller, and of the verifier.

Eight wrong answers at once, each from a transaction that is rolled back; a right one from such a transaction; and the
verifier killed (-9) when it has counted an answer and waits to record that it was right.
"""

import threading
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from signal import SIGKILL
from tempfile import TemporaryDirectory

from django.db import connection, transaction

from security.models import IdentityCheck
from security.services import fund_actions
from security.verifier.protocol import RefusedError
from security.verifier_client import VerifierAwayError, ask, complaint
from tests.faults import results
from tests.faults.ground import Ground, together
from tests.faults.recorder import Recorder
from tests.faults.results import Result
from tests.support import fund_scene
from tests.support.authenticator import Authenticator
from tests.support.fund_scene import FundScene, Held

AT_ONCE, MOST = 8, 5
WAITS_FOR_US = """
SELECT 1 FROM pg_locks
 WHERE NOT granted AND locktype = 'transactionid' AND transactionid = pg_current_xact_id()::xid
"""
HOLD = "SELECT 1 FROM security_factorsecret WHERE credential_id = %s FOR UPDATE"


class Regretted(Exception):
    """The caller takes back what they did."""


def run(ground: Ground) -> Result:
    """Do each of the three once a round, with customers of their own."""
    recorder = Recorder("F25")
    checks: dict[int, IdentityCheck] = {}
    seen: Counter[str] = Counter()
    origin = ground.system.url
    with TemporaryDirectory() as folder, fund_scene.at_the_exchange(Path(folder), origin=origin) as running:
        # Five wrong answers lock a person for a quarter of an hour.
        scene = fund_scene.people(running, origin=origin, customers=ground.rounds + 1, move=ground.move)
        steady = scene.customers.pop()
        for _round in range(ground.rounds):
            guessed = scene.customers.pop()
            for act, held in ((_guess, guessed), (_regret, steady), (_kill, steady)):
                number = recorder.invoke(act.__name__)
                action = scene.request(held)
                check, right = scene.begin_check(held, action)
                checks[number] = check
                seen[act(ground, scene, held, _Asked(recorder, number, check, right))] += 1
    tally = recorder.tally({number: int(_of(check).is_verified) for number, check in checks.items()})
    return results.judge(ground, recorder, tally, [", ".join(f"{n} x {what}" for what, n in sorted(seen.items()))])


@dataclass(frozen=True)
class _Asked:
    """One check, the right answer to it, and its number in the record."""

    recorder: Recorder
    number: int
    check: IdentityCheck
    right: dict[str, str]

    def answer(self, response: dict[str, str]) -> str:
        """Give an answer from a transaction that is rolled back; return what the verifier said of it."""
        try:
            with transaction.atomic():
                ask("check.answer", check=self.check.public_id, **response)
                raise Regretted
        except RefusedError as refused:
            return str(refused.code)
        except VerifierAwayError:
            return "away"
        except Regretted:
            return "right"

    def expect(self, ground: Ground, what: str, *, attempts: int, is_verified: bool) -> None:
        """Note a check that stands otherwise."""
        found = _of(self.check)
        if (found.attempts, found.is_verified) != (attempts, is_verified):
            ground.notes.append(f"{what}: {found.attempts} answers counted, proven: {found.is_verified}")

    def settle(self) -> None:
        """Give the right answer for the last time, and record what came of it."""
        said = self.answer(self.right)
        if said == "right":
            self.recorder.ok(self.number)
        else:
            self.recorder.fail(self.number, said)


def _of(check: IdentityCheck) -> IdentityCheck:
    return IdentityCheck.objects.get(pk=check.pk)


def _guess(ground: Ground, scene: FundScene, held: Held, asked: _Asked) -> str:
    """Somebody else's key answers eight times at once, and the customer's own is too late."""
    thief = Authenticator(scene.origin, credential_id=held.key.credential_id, user_handle=held.key.user_handle)
    wrong = {"response": thief.get(fund_actions.challenge(check=asked.check)["options"])}
    said: list[str] = []
    together(*[lambda: said.append(asked.answer(wrong))] * AT_ONCE)
    asked.expect(ground, "guessed", attempts=MOST, is_verified=False)
    if said.count("refused") != MOST:
        ground.notes.append(f"guessed: answered with {sorted(said)}")
    asked.settle()
    asked.expect(ground, "guessed and answered", attempts=MOST, is_verified=False)
    return f"{MOST} of {AT_ONCE} compared"


def _regret(ground: Ground, _scene: FundScene, _held: Held, asked: _Asked) -> str:
    """The caller takes back its transaction, not the answer."""
    asked.settle()
    asked.expect(ground, "rolled back", attempts=1, is_verified=True)
    return "rolled back and counted"


def _kill(ground: Ground, _scene: FundScene, held: Held, asked: _Asked) -> str:
    """The verifier has counted the answer and waits for the key's row when it is killed."""
    said: list[str] = []

    def answer() -> None:
        try:
            said.append(asked.answer(asked.right))
        finally:
            connection.close()

    with ground.stores.owner(ground.system.database) as owner, owner.transaction():
        owner.execute(HOLD, [held.key.credential_id])
        thread = threading.Thread(target=answer)
        thread.start()
        ground.wait(lambda: owner.execute(WAITS_FOR_US).fetchone() is not None, "the verifier to wait for the key")
        ground.system.stop("verifier", number=SIGKILL)
        thread.join()
    ground.system.start("verifier")
    ground.wait(lambda: not complaint(), "the verifier to be back")
    if said != ["away"]:
        ground.notes.append(f"killed: the answer was {said}")
    asked.expect(ground, "killed", attempts=1, is_verified=False)
    asked.settle()
    asked.expect(ground, "killed and answered again", attempts=2, is_verified=True)
    return "killed and counted"
