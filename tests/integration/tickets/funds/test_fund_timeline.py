"""What happens to a fund-related action stands on its ticket and in the audit log, once, whoever was woken how often."""

from datetime import timedelta

import pytest

from core.models import AuditEntry
from security import fund_states
from security.fund_states import State
from security.models import FundAction, FundOrder, FundStep
from security.services import action_notices, fund_actions
from security.services.fund_actions import ActionRefusedError
from tests.integration.security.verifier.test_fund_actions import Move, Scene
from tickets.models import Ticket
from tickets.selectors import timeline
from tickets.services import fund_timeline


def asked(scene: Scene, case: Ticket, amount: str = "0.01") -> FundAction:
    """Ask for a refund on the ticket."""
    begun = fund_actions.begin_request(person=scene.agent, asked=scene.asked(amount))
    answer = {"response": scene.keys["agent"].get(dict(begun.options))}
    return fund_actions.request(
        person=scene.agent, asked=scene.asked(amount), begun=begun, answer=answer, ticket_id=case.pk
    )


def told(case: Ticket) -> list[str]:
    """Have everything told, twice, and return what the timeline then says."""
    for pk in FundStep.objects.order_by("pk").values_list("pk", flat=True):
        fund_timeline.tell(step_pk=pk)
        assert not fund_timeline.tell(step_pk=pk)
    case.refresh_from_db()
    shown = timeline.latest(case).messages
    return [one.event.text for one in shown if one.event is not None and one.event.action == "fund"]


def state_of(action: FundAction) -> State:
    found = fund_states.with_rows(FundAction.objects.filter(pk=action.pk)).get()
    return fund_states.progress(found).state


def test_timeline__of_an_action_that_is_carried_out__says_each_step_once(scene: Scene, case: Ticket) -> None:
    action = asked(scene, case)
    assert state_of(action) is State.WAITS_BOTH
    scene.check(action)
    assert state_of(action) is State.WAITS_APPROVAL
    scene.approve(action)

    assert told(case) == [
        "Ada Agent asked for a fund-related action: Refund",
        "Lin Lead was drawn to approve: Refund",
        "The customer is asked to prove themselves: Refund",
        "The customer has proven themselves: Refund",
        "Lin Lead approved: Refund",
        "Proven and approved, sent to the exchange: Refund",
        f"The exchange has done it: Refund (reference {FundOrder.objects.get(action=action).reference})",
    ]
    assert state_of(action) is State.EXECUTED
    answered = AuditEntry.objects.get(action="fund_action.answered", object_id=action.public_id)
    assert answered.detail["outcome"] == "executed"


def test_timeline__of_an_action_the_exchange_refuses__says_why(scene: Scene, case: Ticket) -> None:
    action = asked(scene, case, "1000000")
    scene.check(action)
    scene.approve(action)
    assert told(case)[-1].startswith("Not carried out: Refund (")
    assert state_of(action) is State.REFUSED
    assert AuditEntry.objects.get(action="fund_action.answered", object_id=action.public_id).detail["code"]


def test_decline__by_who_was_drawn__ends_it_for_every_service(scene: Scene, case: Ticket) -> None:
    action = asked(scene, case)
    with pytest.raises(ActionRefusedError, match="Somebody else was drawn"):
        fund_actions.decline(person=scene.agent, action=action, reason="Mine")
    assert list(fund_states.waiting_for(scene.lead)) == [action]

    fund_actions.decline(person=scene.lead, action=action, reason="The customer did not ask for this.")

    assert told(case)[-1] == "Lin Lead declined: Refund"
    assert state_of(action) is State.DECLINED
    assert list(fund_states.waiting_for(scene.lead)) == []
    for step in (
        lambda: fund_actions.begin_check(action=action, method="webauthn", actor=scene.agent.actor),
        lambda: fund_actions.begin_approval(person=scene.lead, action=action),
        lambda: fund_actions.draw_again(person=scene.agent, action=action),
    ):
        with pytest.raises(ActionRefusedError, match="declined"):
            step()
    assert AuditEntry.objects.filter(action="fund_action.declined", object_id=action.public_id).count() == 1


def test_draw_again__at_once_or_with_nobody_left__is_refused_in_words(
    scene: Scene, case: Ticket, move_time: Move
) -> None:
    action = asked(scene, case)
    with pytest.raises(ActionRefusedError, match="after 15 minutes"):
        fund_actions.draw_again(person=scene.agent, action=action)
    move_time(timedelta(minutes=16))
    with pytest.raises(ActionRefusedError, match="Nobody is there to approve"):
        fund_actions.draw_again(person=scene.agent, action=action)


def test_waiting_for__action_that_ran_out__is_not_there(scene: Scene, case: Ticket, move_time: Move) -> None:
    action = asked(scene, case)
    move_time(timedelta(hours=25))
    assert list(fund_states.waiting_for(scene.lead)) == []
    assert state_of(action) is State.EXPIRED


def test_timeline__last_step_is_told_first__stands_in_the_order_in_which_it_happened(
    scene: Scene, case: Ticket
) -> None:
    asked(scene, case)
    assert fund_timeline.tell(step_pk=FundStep.objects.latest("pk").pk)

    assert told(case) == [
        "Ada Agent asked for a fund-related action: Refund",
        "Lin Lead was drawn to approve: Refund",
    ]


def test_decline__customer__is_told_so_once_and_nothing_of_an_expiry(
    scene: Scene, case: Ticket, move_time: Move
) -> None:
    action = asked(scene, case)
    for _press in range(2):
        fund_actions.decline(person=scene.lead, action=action, reason="The customer did not ask for this.")
    move_time(timedelta(hours=25))
    action_notices.sweep()

    mails = AuditEntry.objects.filter(action="customer.told", object_id=action.customer.public_id).order_by("pk")
    assert [entry.detail["what"] for entry in mails] == ["action_asked", "action_refused"]
