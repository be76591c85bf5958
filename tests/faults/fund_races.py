"""F24: freeze against release, the same release several times at once, approval against the end of the customer's check.

Real verifier, real exchange, the application's own role: twelve races a round. What must come of each: one execution
at most, none after a freeze, none on a check of more than five minutes, and the exchange did what was permitted, once.
"""

import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from security.delivery import fund_orders
from security.exchange import client
from security.models import Execution, Freeze, FundAction, FundOrder, IdentityCheck
from security.services import freezing, fund_actions
from security.services.fund_actions import ActionRefusedError
from security.verifier.protocol import RefusedError
from tests.faults import results
from tests.faults.ground import Ground, together
from tests.faults.recorder import Recorder
from tests.faults.results import Result
from tests.support import fund_scene
from tests.support.fund_scene import FundScene, Held

EACH = 4
# Somewhat longer than the last step takes: either may be first.
STAGGER_S = 0.2
FRESH = timedelta(minutes=5)
EDGE_S = 0.25
PATIENCE_S = 10
Act = Callable[[], None]


def run(ground: Ground) -> Result:
    """Let each of the three races be run four times a round."""
    recorder = Recorder("F24")
    asked: dict[int, FundAction] = {}
    seen: Counter[str] = Counter()
    origin = ground.system.url
    with TemporaryDirectory() as folder, fund_scene.at_the_exchange(Path(folder), origin=origin) as running:
        # Who was frozen stays so for a day: a customer each.
        count = EACH * ground.rounds + 1
        scene = fund_scene.people(running, origin=origin, customers=count, move=ground.move)
        steady = scene.customers.pop()
        for _race in range(EACH * ground.rounds):
            for race, held in ((_freeze, scene.customers.pop()), (_several, steady), (_expiry, steady)):
                number = recorder.invoke(race.__name__)
                action = asked[number] = race(ground, scene, held, partial(_told, recorder, number))
                seen[f"{race.__name__} {'executed' if _count(action) else 'refused'}"] += 1
                _check(ground, held, action)
    tally = recorder.tally({number: _count(action) for number, action in asked.items()})
    return results.judge(ground, recorder, tally, [", ".join(f"{n} x {what}" for what, n in sorted(seen.items()))])


def _freeze(ground: Ground, scene: FundScene, held: Held, told: Callable[[Act], None]) -> FundAction:
    """The customer freezes while the last yes is said."""
    action = scene.request(held)
    scene.check(held, action)
    person, begun, answer = scene.begin_approval(action)
    wait_s = ground.random.uniform(0, STAGGER_S)

    def freeze() -> None:
        time.sleep(wait_s)
        freezing.freeze(customer=held.customer, source="portal", actor=held.customer.actor)

    def approve() -> None:
        told(lambda: fund_actions.approve(person=person, action=action, begun=begun, answer=answer))

    together(freeze, approve)
    return action


def _several(ground: Ground, scene: FundScene, held: Held, told: Callable[[Act], None]) -> FundAction:
    """Both last steps at once, and two more who carry out what is ready, again and again."""
    action = scene.request(held)
    check, right = scene.begin_check(held, action)
    person, begun, answer = scene.begin_approval(action)

    def carry_out() -> None:
        give_up = time.monotonic() + PATIENCE_S
        while not _count(action) and time.monotonic() < give_up:
            with suppress(ActionRefusedError):
                fund_actions.execute_if_ready(action=action)

    def last(act: Act) -> None:
        # Whoever was before us has carried it out: the database refuses the second.
        with suppress(ActionRefusedError):
            act()

    together(
        partial(last, lambda: fund_actions.answer_check(check=check, answer=right)),
        partial(last, lambda: fund_actions.approve(person=person, action=action, begun=begun, answer=answer)),
        carry_out,
        carry_out,
    )
    told(lambda: None)
    return action


def _expiry(ground: Ground, scene: FundScene, held: Held, told: Callable[[Act], None]) -> FundAction:
    """The last yes is said when the customer's check is about five minutes old."""
    action = scene.request(held)
    scene.check(held, action)
    person, begun, answer = scene.begin_approval(action)
    by = FRESH - timedelta(seconds=ground.random.uniform(-EDGE_S / 5, EDGE_S))
    # The check is some hundredths of a second old already; the step-up a few less.
    ground.move(by)
    try:
        told(lambda: fund_actions.approve(person=person, action=action, begun=begun, answer=answer))
    finally:
        ground.move(-by)
    return action


def _told(recorder: Recorder, number: int, act: Act) -> None:
    """Do the last step and record what its caller was told."""
    try:
        act()
    except (ActionRefusedError, RefusedError) as refused:
        recorder.fail(number, str(refused))
    else:
        recorder.ok(number)


def _count(action: FundAction) -> int:
    return Execution.objects.filter(action=action).count()


def _check(ground: Ground, held: Held, action: FundAction) -> None:
    """Note what must not be: with us, and at the exchange."""
    name = f"action {action.public_id}"
    orders = list(FundOrder.objects.filter(action=action))
    if len(orders) != _count(action):
        ground.notes.append(f"{name}: {len(orders)} orders for {_count(action)} executions")
    for order in orders:
        ground.wait(partial(_is_answered, order), f"the answer to the order of {name}")
    is_done_there = client.get(f"/actions/{action.public_id}").body.get("outcome") == "executed"
    if is_done_there != any(order.state == "executed" for order in orders):
        ground.notes.append(f"{name}: done at the exchange: {is_done_there}, here {[order.state for order in orders]}")
    execution = Execution.objects.filter(action=action).first()
    if execution is None:
        return
    verified_at = IdentityCheck.objects.values_list("verified_at", flat=True).get(execution=execution)
    if verified_at is None or execution.executed_at - verified_at > FRESH:
        ground.notes.append(f"{name}: executed at {execution.executed_at} on a check of {verified_at}")
    freeze = Freeze.objects.filter(customer=held.customer, is_frozen=True).first()
    if freeze is not None and (freeze.frozen_at is None or execution.executed_at >= freeze.frozen_at):
        ground.notes.append(f"{name}: executed at {execution.executed_at}, frozen at {freeze.frozen_at}")
    if freeze is not None and is_done_there:
        _check_order_there(ground, held, action)


def _check_order_there(ground: Ground, held: Held, action: FundAction) -> None:
    """Note an action that the exchange has carried out after it froze the account."""
    ground.wait(lambda: _frozen_there(held) is not None, "the freeze at the exchange")
    done_at = datetime.fromisoformat(client.get(f"/actions/{action.public_id}").body["at"])
    frozen_at = _frozen_there(held)
    if frozen_at is None or done_at > frozen_at:
        ground.notes.append(f"action {action.public_id}: done there at {done_at}, frozen there at {frozen_at}")


def _frozen_there(held: Held) -> datetime | None:
    said = client.get(f"/accounts/{held.account_id}").body["frozen_at"]
    return datetime.fromisoformat(said) if said else None


def _is_answered(order: FundOrder) -> bool:
    order.refresh_from_db()
    if order.state == "waiting":
        fund_orders.deliver(order.pk)
        order.refresh_from_db()
    return order.state != "waiting"
