"""Pending approvals, with everything real: the customer reads, approves with their own factor, or says "not me"."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pyotp
import pytest
from django.db import connection, connections
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from accounts.models import CustomerAddress
from core import clock
from core.clock import DatabaseNow
from core.models import AuditEntry, Notice
from security import standings
from security.exchange import client as exchange_client
from security.models import ActionDenial, Execution, Freeze, FundAction, FundOrder, IdentityCheck
from security.services import action_notices, safety
from security.services.fund_actions import ActionRefusedError
from security.verifier_client import ask
from tests.factories.customers import open_portal, portal_customer
from tests.support.authenticator import Authenticator
from tests.support.portal_scene import DESTINATION, Scene, customer_key, staff_key
from tickets.selectors import troubles

LIST = "/portal/approvals/"
GROUPED = "bc1q ar0s rrr7 xfkv y5l6 43ly dnw9 re59 gtzz wf5m dq"


@pytest.fixture
def ready(scene: Scene) -> Scene:
    """Everybody has a passkey, and the customer's counts."""
    return scene.with_passkeys()


def path(action: FundAction, door: str = "") -> str:
    return f"{LIST}{action.public_id}/{door}"


def words(answer: Any) -> str:
    """Return what the page says, entities and lines apart."""
    return " ".join(answer.content.decode().replace("&#x27;", "'").split())


def page_of(scene: Scene, action: FundAction) -> str:
    answer = scene.client.get(path(action))
    assert answer.status_code == 200
    return words(answer)


def challenged(scene: Scene, action: FundAction) -> dict[str, Any]:
    answer = scene.client.post(path(action, "options/"))
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def approve(scene: Scene, action: FundAction, key: Authenticator | None = None) -> Any:
    """Approve as a browser does."""
    given = challenged(scene, action)
    response = (key or scene.keys["customer"]).get(given["options"])
    return scene.client.post(path(action, "answer/"), {"response": response, **given["fields"]})


def told() -> list[str]:
    """How the mails of security begin."""
    rows = Notice.objects.filter(kind="customer_security").order_by("pk")
    return [row.body.split("\n")[0] for row in rows]


def test_refund__second_person_then_customer__is_read_approved_and_carried_out(ready: Scene) -> None:
    CustomerAddress.objects.create(
        customer=ready.customer, value="old@example.com", proof="exchange", proven_at=DatabaseNow()
    )
    action = ready.request()
    listed = words(ready.client.get(LIST))
    assert "Refund 0.01 BTC" in listed
    assert "1 action on your account waits" in words(ready.client.get("/portal/"))
    page = page_of(ready, action)
    assert GROUPED in page
    assert "Bitcoin" in page
    assert "we recommend to wait" in page
    ready.approve(action)
    assert "It is your turn" in page_of(ready, action)

    assert approve(ready, action).status_code == 302
    order = FundOrder.objects.get(action=action)
    assert (order.state, order.last_error) == ("executed", "")
    page = page_of(ready, action)
    assert "The exchange has carried it out." in page
    assert order.reference in page
    assert action_notices.sweep() == 1
    assert action_notices.sweep() == 0
    assert told()[::2] == told()[1::2]
    assert told()[::2] == [
        "Something on your account waits for your approval.",
        "It is your turn now to approve something on your account.",
        "What you approved was carried out.",
    ]
    link = f"http://localhost:8000{path(action)}"
    assert all(link in row.body for row in Notice.objects.filter(kind="customer_security"))
    steps = AuditEntry.objects.filter(object_id=action.public_id).order_by("pk").values_list("action", "actor_kind")
    assert ("fund_action.check_begun", "customer") in set(steps)


def test_refund__customer_first__waits_five_minutes_for_the_second_person(ready: Scene) -> None:
    action = ready.request()
    assert approve(ready, action).status_code == 302
    assert "It waits for the second person" in page_of(ready, action)
    assert "Approve with a passkey" not in page_of(ready, action)
    ready.approve(action)
    assert FundOrder.objects.get(action=action).state == "executed"
    # Who had answered is not told that it is their turn.
    assert not [line for line in told() if "your turn" in line]


def test_refund__answer_that_went_stale__is_given_once_more(ready: Scene) -> None:
    action = ready.request()
    approve(ready, action)
    ready.set_clock(timedelta(minutes=6))
    with pytest.raises(ActionRefusedError):
        ready.approve(action)
    page = page_of(ready, action)
    assert "has run out. Approve it once more." in page
    assert "You can begin 2 more times." in page
    assert approve(ready, action).status_code == 302
    assert Execution.objects.filter(action=action).exists()


def test_refund__second_persons_approval_older_than_a_quarter_of_an_hour__says_so(ready: Scene) -> None:
    action = ready.request()
    ready.approve(action)
    ready.set_clock(timedelta(minutes=16))
    assert "was good for 15 minutes and has run out" in page_of(ready, action)
    assert approve(ready, action).status_code == 302
    assert not Execution.objects.filter(action=action).exists()
    assert "You have approved it." in page_of(ready, action)


def test_withdrawal__refused_by_the_exchange__is_told_with_its_reason(ready: Scene) -> None:
    action = ready.request(amount=Decimal(1000000))
    ready.approve(action)
    approve(ready, action)
    assert "It was not carried out: it is more than may be moved" in page_of(ready, action)
    action_notices.sweep()
    assert told()[-1] == "What was asked for on your account was not carried out."


def test_exchange_away__is_being_carried_out_until_it_answers(ready: Scene) -> None:
    action = ready.request()
    ready.approve(action)
    with override_settings(EXCHANGE_URL="http://127.0.0.1:1"):
        approve(ready, action)
    assert "We have asked the exchange to carry it out" in page_of(ready, action)
    assert action_notices.sweep() == 0


def test_passkey__of_another_person__is_wrong_and_five_close_the_check(ready: Scene) -> None:
    action = ready.request()
    other = Authenticator("http://localhost:8000")
    for left in (4, 3, 2, 1):
        answer = approve(ready, action, other)
        assert answer.status_code == 422
        assert f"{left} tr" in words(answer)
    answer = approve(ready, action, other)
    assert "This attempt is closed" in words(answer)
    assert IdentityCheck.objects.get().attempts == 5
    # Another check is begun; the person is locked for a quarter of an hour over all of them.
    answer = approve(ready, action)
    assert "nothing is compared for 15 minutes" in words(answer)
    ready.set_clock(timedelta(minutes=15, seconds=1))
    ready.enter()
    assert approve(ready, action).status_code == 302
    steps = AuditEntry.objects.filter(object_id=action.public_id, action="fund_action.check_failed")
    assert steps.count() == 6


def test_check__three_used_up__says_what_to_do(ready: Scene) -> None:
    action = ready.request()
    for minutes in (0, 11, 22):
        ready.set_clock(timedelta(minutes=minutes))
        challenged(ready, action)
    ready.set_clock(timedelta(minutes=28))
    ready.enter()
    assert "Approve with a passkey" in page_of(ready, action)
    ready.set_clock(timedelta(minutes=33))
    assert "All three attempts are used up" in page_of(ready, action)
    assert ready.client.post(path(action, "options/")).status_code == 422
    assert standings.waiting_count(ready.customer) == 0


def test_answer__twice_and_from_two_tabs__is_one_outcome(ready: Scene) -> None:
    action = ready.request()
    ready.approve(action)
    first, second = challenged(ready, action), challenged(ready, action)
    assert first == second
    given = {"response": ready.keys["customer"].get(first["options"]), **first["fields"]}

    def post(_number: int) -> int:
        try:
            return int(ready.client.post(path(action, "answer/"), given).status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        codes = list(pool.map(post, range(4)))
    assert codes.count(302) == 1
    assert (Execution.objects.count(), FundOrder.objects.count(), IdentityCheck.objects.count()) == (1, 1, 1)
    # A replay later changes nothing either.
    assert ready.client.post(path(action, "answer/"), given).status_code == 422
    outcome = exchange_client.get(f"/actions/{action.public_id}").body
    assert outcome["outcome"] == "executed"


def test_answer__made_for_another_action__is_wrong(ready: Scene) -> None:
    small, other = ready.request(), ready.request(subject="P-2")
    theirs, ours = challenged(ready, small), challenged(ready, other)
    response = ready.keys["customer"].get(theirs["options"])
    assert ready.client.post(path(other, "answer/"), {"response": response, **ours["fields"]}).status_code == 422
    # Under the name of the other's check it is no try at all.
    assert ready.client.post(path(other, "answer/"), {"response": response, **theirs["fields"]}).status_code == 422
    assert IdentityCheck.objects.get(action=other).attempts == 1


@pytest.mark.parametrize("door", ["", "options/", "answer/", "code/", "not-me/"])
def test_action__of_another_customer__is_not_found_and_the_log_knows(ready: Scene, door: str) -> None:
    action = ready.request()
    eve = portal_customer(account_id=ready.running.accounts[1], email="eve@example.com")
    open_portal(ready.client, eve)
    answer = ready.client.post(path(action, door)) if door else ready.client.get(path(action))
    assert answer.status_code == 404
    assert AuditEntry.objects.filter(object_id=action.public_id, actor_id=eve.public_id).exists()
    assert not Freeze.objects.filter(customer=ready.customer, is_frozen=True).exists()
    assert "Refund" not in words(ready.client.get(LIST))


def unfreeze(scene: Scene) -> FundAction:
    bare = {"subject": "", "asset": "", "network": "", "destination": "", "amount": 0}
    return scene.request(kind="unfreeze", **bare)


def test_not_me__freezes_alarms_and_carries_nothing_out(ready: Scene) -> None:
    action = ready.request()
    ready.approve(action)
    given = challenged(ready, action)
    response = {"response": ready.keys["customer"].get(given["options"]), **given["fields"]}
    assert ready.client.post(path(action, "not-me/")).status_code == 302
    page = page_of(ready, action)
    assert "You said that this was not you" in page
    assert "This wasn't me: freeze" not in page
    assert Freeze.objects.get(customer=ready.customer).is_frozen
    assert ActionDenial.objects.get().action_id == action.pk
    assert ready.client.post(path(action, "answer/"), response).status_code == 422
    assert not Execution.objects.exists()
    assert exchange_client.get(f"/accounts/{ready.running.accounts[0]}").body["state"] == "frozen"
    # Said twice it is said once.
    assert ready.client.post(path(action, "not-me/")).status_code == 302
    assert AuditEntry.objects.filter(object_id=action.public_id, action="fund_action.denied").count() == 2


def test_not_me__of_an_unfreeze_that_is_ready__is_not_carried_out(ready: Scene) -> None:
    action = unfreeze(ready)
    ready.set_clock(timedelta(hours=24, seconds=5))
    ready.enter()
    approve(ready, action)
    ready.client.post(path(action, "not-me/"))
    with pytest.raises(ActionRefusedError, match="not them"):
        ready.approve(action)
    assert not Execution.objects.exists()


def frozen(scene: Scene, action: FundAction) -> None:
    scene.client.post("/portal/security/freeze/")


def locked(scene: Scene, action: FundAction) -> None:
    safety.lock_support(customer=scene.customer, days=3)


def too_old(scene: Scene, action: FundAction) -> None:
    scene.set_clock(timedelta(hours=24, minutes=1))
    scene.enter()


STOPPED: dict[str, tuple[Callable[[Scene, FundAction], None], str]] = {
    "frozen": (frozen, "Your account is frozen: nothing can be approved"),
    "locked": (locked, "You have locked support out until"),
    "expired": (too_old, "It was open for 24 hours and has expired"),
}


@pytest.mark.parametrize("how", STOPPED)
def test_stopped__for_each_reason__has_its_sentence_and_takes_no_answer(ready: Scene, how: str) -> None:
    stop, sentence = STOPPED[how]
    action = ready.request()
    stop(ready, action)
    page = page_of(ready, action)
    assert sentence in page
    assert "Approve with a passkey" not in page
    assert ready.client.post(path(action, "options/")).status_code == 422
    assert not IdentityCheck.objects.exists()


def test_expired__is_told_once(ready: Scene) -> None:
    ready.request()
    ready.set_clock(timedelta(hours=24, minutes=1))
    assert (action_notices.sweep(), action_notices.sweep()) == (1, 0)
    assert told()[-1] == "What waited for your approval has expired: nothing was done."


def test_cooling_off__is_told_and_takes_no_answer_before_its_end(ready: Scene) -> None:
    bare = {"subject": "", "asset": "", "network": "", "amount": 0}
    action = ready.request(kind="email_change", **(bare | {"destination": "new@example.com"}))
    assert "A waiting time runs until" in page_of(ready, action)
    assert "new@example.com" in page_of(ready, action)
    assert ready.client.post(path(action, "options/")).status_code == 422
    body = Notice.objects.filter(kind="customer_security").latest("pk").body
    assert "a waiting time of 72 hours" in body
    ready.set_clock(timedelta(hours=72, seconds=5))
    ready.enter()
    assert "Approve with a passkey" in page_of(ready, action)


def test_factor__that_does_not_count_yet__is_said_with_its_time(scene: Scene) -> None:
    scene.keys |= {"agent": staff_key(scene.agent), "lead": staff_key(scene.lead)}
    action = scene.request()
    assert "you have added none here" in page_of(scene, action)
    _key, kept = customer_key(scene.customer, scene.running.accounts[0])
    ask("customer.passkey.keep", customer=scene.customer.pk, **kept)
    assert "the first factor does from" in page_of(scene, action)
    assert scene.client.post(path(action, "options/")).status_code == 422


def test_passkey__new_one_beside_one_that_counts__is_told_to_wait(ready: Scene) -> None:
    key, kept = customer_key(ready.customer, ready.running.accounts[0])
    ask("customer.passkey.keep", customer=ready.customer.pk, **kept)
    answer = approve(ready, ready.request(), key)
    assert answer.status_code == 422
    assert "added less than 72 hours ago" in words(answer)


def test_verifier_away__is_said_and_uses_no_attempt_up(ready: Scene) -> None:
    action = ready.request()
    with override_settings(VERIFIER_SOCKET="/nowhere/verifier.sock"):
        answer = ready.client.post(path(action, "options/"))
        assert "does not answer right now" in answer.json()["detail"]
    assert not IdentityCheck.objects.exists()
    given = challenged(ready, action)
    response = {"response": ready.keys["customer"].get(given["options"]), **given["fields"]}
    with override_settings(VERIFIER_SOCKET="/nowhere/verifier.sock"):
        assert "does not answer right now" in words(ready.client.post(path(action, "answer/"), response))
    assert ready.client.post(path(action, "answer/"), response).status_code == 302


def test_count__is_that_of_the_list(ready: Scene) -> None:
    actions = [ready.request(subject=f"P-{number}") for number in range(3)]
    approve(ready, actions[0])
    found = standings.of_customer(ready.customer, limit=50)
    assert sum(one.waits for one in found) == standings.waiting_count(ready.customer) == 2
    assert DESTINATION in found[0].action.destination


def code_now(scene: Scene, secret: str) -> str:
    """Return the code of a step that has just begun: behind the exchange's clock, which believes no later time."""
    scene.set_clock(timedelta())
    scene.set_clock(timedelta(seconds=1 - clock.now().timestamp() % 30))
    return pyotp.TOTP(secret).at(clock.now())


def test_code__where_the_policy_takes_one__approves_without_script(ready: Scene) -> None:
    secret = ready.with_codes()
    code = code_now(ready, secret)
    action = ready.request()
    assert (action.needs_approval, sorted(action.methods)) == (False, ["totp", "webauthn"])
    page = page_of(ready, action)
    assert "Approve with this code" in page
    assert "A passkey needs JavaScript" in page
    wrong = ready.client.post(path(action, "code/"), {"code": f"{(int(code) + 1) % 1_000_000:06}"})
    assert (wrong.status_code, "4 tries left." in words(wrong)) == (422, True)
    assert ready.client.post(path(action, "code/"), {"code": ""}).status_code == 422
    assert ready.client.post(path(action, "code/"), {"code": code}).status_code == 302
    assert FundOrder.objects.get(action=action).state == "executed"
    # The same code proves nothing more.
    other = ready.request(subject="P-2")
    assert ready.client.post(path(other, "code/"), {"code": code}).status_code == 422


def test_code__where_the_policy_takes_none__is_refused_and_is_no_try(ready: Scene) -> None:
    action = ready.request()
    assert "Approve with this code" not in page_of(ready, action)
    answer = ready.client.post(path(action, "code/"), {"code": "123456"})
    assert (answer.status_code, "Use a passkey" in words(answer)) == (422, True)
    assert not IdentityCheck.objects.exists()


def test_list__with_many_actions__costs_as_many_statements_as_with_one(ready: Scene) -> None:
    costs = []
    for more in (1, 4):
        for number in range(more):
            approve(ready, ready.request(subject=f"P-{more}-{number}"))
        with CaptureQueriesContext(connection) as seen:
            ready.client.get(LIST)
        costs.append(len(seen))
    assert costs[0] == costs[1] <= 12


def test_not_me__is_an_alarm_for_a_day(ready: Scene) -> None:
    action = ready.request()
    assert "action-denied" not in {one.kind for one in troubles.found(judged=troubles.BY_ANYBODY)}
    ready.client.post(path(action, "not-me/"))
    found = {one.kind: one.about for one in troubles.found(judged=troubles.BY_ANYBODY)}
    assert found["action-denied"] == action.public_id
    ready.set_clock(timedelta(hours=24, seconds=1))
    assert "action-denied" not in {one.kind for one in troubles.found(judged=troubles.BY_ANYBODY)}
