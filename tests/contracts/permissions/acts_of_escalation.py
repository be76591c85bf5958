"""Acts about escalation: chains and schedules, acknowledging, standing in, and what the sweeps do."""

from datetime import timedelta
from functools import partial

from django.db import transaction

from accounts.models import Staff
from core import clock
from core.ids import new_public_id
from tests.contracts.permissions.acts import Prepared, Sending, act, at, browser, person, ticket
from tests.contracts.permissions.acts_at_the_portal import at_home, somebody
from tests.contracts.permissions.acts_behind import form
from tests.factories.customers import portal_ticket
from tests.factories.escalation import chain, hook, schedule
from tickets import inbound_tasks, outbound_tasks
from tickets.escalation.steps import Marks
from tickets.escalation.vocabulary import Cause
from tickets.models import EscalationChain, EscalationHook, EscalationNotice, EscalationRun, OnCallOverride
from tickets.services import escalation_notices, escalation_sweep, escalations, on_call

CHAIN = (
    "name", "is_active", "position", "teams", "policies", "metrics", "priorities", "takes_customers", "quiet_from",
    "quiet_until", "time_zone", "storm_limit",
)  # fmt: skip
HOUR = timedelta(hours=1)
DAY = {"starts": "2030-01-07T09:00", "ends": "2030-01-07T17:00"}
NEXT_DAY = {"their_starts": "2030-01-08T09:00", "their_ends": "2030-01-08T17:00"}
STEPS = {"steps-TOTAL_FORMS": "1", "steps-INITIAL_FORMS": "0", "steps-0-position": "1", "steps-0-minutes": "5",
         "steps-0-after": "breached", "steps-0-action": "page", "steps-0-to_assignee": "on"}  # fmt: skip
STEP = tuple(f"steps-0-{name}" for name in ("staff", "team", "schedule", "hook", "priority", "is_urgent"))
PEOPLE = {"participants-TOTAL_FORMS": "1", "participants-INITIAL_FORMS": "0", "participants-0-position": "1"}
ROTA = {"time_zone": "UTC", "begins_on": "2026-01-01", "hands_over_at": "09:00", "turn_days": "7"}
WHOLE = {"position": "10", "time_zone": "UTC", "storm_limit": "10"}


def running(made: EscalationChain) -> EscalationRun:
    """Return a run of a chain that a customer has begun, with a step that is due."""
    now, case = clock.now(), ticket()
    with transaction.atomic():
        marks = Marks(now, now)
        run = escalations.begin(ticket=case, chain=made, cause=Cause.CUSTOMER, marks=marks, clock=None)
    assert run is not None
    return run


def paging(*people: Staff) -> EscalationChain:
    """Return a chain that pages these people, one after the other."""
    steps = [{"action": "page", "staff": one, "is_urgent": True} for one in people]
    return chain(*steps, name=new_public_id(), is_active=False)


@act("admin add tickets.EscalationChain", "tickets.EscalationChain", "tickets.EscalationStep")
def make_a_chain() -> Prepared:
    data = {"name": new_public_id(), **WHOLE, **STEPS}
    return form("tickets_escalationchain", data, listed=(*CHAIN, *STEP))


@act("admin change tickets.EscalationChain", "tickets.EscalationChain", "tickets.EscalationStep")
def change_a_chain() -> Prepared:
    made = chain(name=new_public_id())
    return form("tickets_escalationchain", {"name": made.name, **WHOLE, **STEPS}, made.pk, (*CHAIN, *STEP))


@act("admin add tickets.EscalationHook", "tickets.EscalationHook")
def name_a_place_outside() -> Prepared:
    data = {"name": new_public_id(), "url": "https://hooks.example/a", "format": "chat"}
    return form("tickets_escalationhook", data, listed=("secret", "is_active"))


@act("admin change tickets.EscalationHook", "tickets.EscalationHook")
def change_a_place_outside() -> Prepared:
    made: EscalationHook = hook(new_public_id())
    data = {"name": made.name, "url": "https://hooks.example/b", "format": "chat"}
    return form("tickets_escalationhook", data, made.pk, ("secret", "is_active"))


@act("admin add tickets.OnCallSchedule", "tickets.OnCallSchedule", "tickets.OnCallParticipant")
def make_a_schedule() -> Prepared:
    data = {"name": new_public_id(), **ROTA, **PEOPLE, "participants-0-staff": str(person().pk)}
    return form("tickets_oncallschedule", data)


@act("admin change tickets.OnCallSchedule", "tickets.OnCallSchedule", "tickets.OnCallParticipant")
def change_a_schedule() -> Prepared:
    made = schedule(name=new_public_id())
    data = {"name": made.name, **ROTA, "turn_days": "3", **PEOPLE, "participants-0-staff": str(person().pk)}
    return form("tickets_oncallschedule", data, made.pk)


@act("POST desk:escalation_acknowledge", "tickets.EscalationRun", "tickets.Message")
def acknowledge() -> Prepared:
    who = person()
    run = running(paging(who))
    escalation_sweep.sweep()
    return Sending(browser(who), at("desk:escalation_acknowledge", run.public_id), {"next": "ticket"}, actor=who.actor)


@act("POST desk:storm_acknowledge", "tickets.EscalationRun", "tickets.Message")
def acknowledge_a_storm() -> Prepared:
    who, run = person("lead"), running(paging(person()))
    made = run.chain
    made.storm_limit = 1
    made.save(update_fields=["storm_limit"])
    running(made)
    with transaction.atomic():
        storm = escalation_notices.storm_of(run)
    assert storm is not None
    return Sending(browser(who), at("desk:storm_acknowledge", storm.public_id), actor=who.actor)


@act("POST desk:quiet_hours", "accounts.Staff")
def be_quiet() -> Prepared:
    who = person()
    data = {"quiet_from": "22:00", "quiet_until": "07:00"}
    return Sending(browser(who), at("desk:quiet_hours"), data, actor=who.actor)


@act("POST desk:on_call_stand_in", "tickets.OnCallOverride")
def have_somebody_stand_in() -> Prepared:
    who = person("lead")
    path = at("desk:on_call_stand_in", schedule(name=new_public_id()).public_id)
    return Sending(browser(who), path, {"staff": person().public_id, **DAY}, actor=who.actor)


@act("POST desk:on_call_swap", "tickets.OnCallOverride")
def ask_to_swap() -> Prepared:
    who, other = person(), person()
    path = at("desk:on_call_swap", schedule(who, other, name=new_public_id()).public_id)
    return Sending(browser(who), path, {"staff": other.public_id, **DAY, **NEXT_DAY}, actor=who.actor)


def asked(of: Staff) -> OnCallOverride:
    """Return a stand-in that somebody is asked for."""
    by, now = person(), clock.now()
    made = schedule(by, name=new_public_id())
    return on_call.stand_in(schedule=made, staff=of, span=(now, now + HOUR), by=by)


@act("POST desk:on_call_answer", "tickets.OnCallOverride")
def agree_to_stand_in() -> Prepared:
    who = person()
    path = at("desk:on_call_answer", asked(who).public_id)
    return Sending(browser(who), path, {"answer": "agree"}, actor=who.actor)


@act("POST desk:on_call_cancel", "tickets.OnCallOverride")
def take_a_stand_in_back() -> Prepared:
    who = person("lead")
    return Sending(browser(who), at("desk:on_call_cancel", asked(person()).public_id), actor=who.actor)


@act("POST portal:escalate", "tickets.EscalationRequest", "tickets.Message")
def escalate_as_a_customer() -> Prepared:
    who = somebody()
    path = at("portal:escalate", portal_ticket(who).public_id)
    return Sending(at_home(who), path, {"reason": "My rent is due."}, actor=who.actor)


@act("task tickets.escalate", "tickets.EscalationRun", "tickets.EscalationStepRecord", "tickets.EscalationNotice")
def take_steps() -> Prepared:
    running(paging(person()))
    return partial(inbound_tasks.escalate)


@act("task tickets.deliver_hook", "tickets.EscalationNotice")
def tell_a_place_outside() -> Prepared:
    made = hook(new_public_id(), url="https://127.0.0.1/never-reached")
    running(chain({"action": "hook", "hook": made}, name=new_public_id(), is_active=False))
    escalation_sweep.sweep()
    return partial(outbound_tasks.deliver_hook, EscalationNotice.objects.latest("pk").pk)
