"""Acts about shifts: the rota, hand-over notes, absences, swaps, and the feed of one's own."""

from datetime import date, time

from accounts.models import Absence, Shift, ShiftSwap, Staff
from tests.contracts.permissions.acts import Prepared, Sending, act, at, browser, person, ticket
from tests.contracts.permissions.acts_at_the_desk import CHANGED
from tickets.services import absences, hand_overs, shift_feeds, shifts, swaps


@act("POST desk:hand_over", *CHANGED, "tickets.HandOver")
def leave_a_hand_over_note() -> Prepared:
    who = person()
    data = {"note": "The bank answers tomorrow.", "to": person("lead").public_id}
    return Sending(browser(who), at("desk:hand_over", ticket().public_id), data, actor=who.actor)


@act("POST desk:take_over", *CHANGED, "tickets.HandOver")
def take_over_what_was_handed_over() -> Prepared:
    who, case = person(), ticket()
    row = hand_overs.write(ticket=case, text="The bank answers tomorrow.", by=person("lead"))
    return Sending(browser(who), at("desk:take_over", case.public_id), {"hand_over": row.public_id}, actor=who.actor)


PLANNED = {"day": "2030-01-07", "starts": "09:00", "ends": "17:00"}


def planned(who: Staff, by: Staff) -> Shift:
    """Return a shift of `who`."""
    return shifts.plan(staff=who, day=date(2030, 1, 14), starts=time(9), ends=time(17), by=by)


@act("POST desk:shift_plan", "accounts.Shift")
def plan_a_shift() -> Prepared:
    by = person("lead")
    return Sending(browser(by), at("desk:shift_plan"), {**PLANNED, "staff": person().public_id}, actor=by.actor)


@act("POST desk:shift_cancel", "accounts.Shift")
def cancel_a_shift() -> Prepared:
    by = person("lead")
    return Sending(browser(by), at("desk:shift_cancel", planned(person(), by).public_id), actor=by.actor)


@act("POST desk:shift_note", "accounts.Shift")
def write_a_hand_over_note() -> Prepared:
    who = person()
    path = at("desk:shift_note", planned(who, person("lead")).public_id)
    return Sending(browser(who), path, {"note": "Watch the queue of Tron."}, actor=who.actor)


@act("POST desk:shift_feed_make", "accounts.ShiftFeed")
def make_a_feed() -> Prepared:
    who = person()
    return Sending(browser(who), at("desk:shift_feed_make"), actor=who.actor)


@act("POST desk:shift_feed_end", "accounts.ShiftFeed")
def end_a_feed() -> Prepared:
    who = person()
    shift_feeds.make(by=who)
    return Sending(browser(who), at("desk:shift_feed_end"), actor=who.actor)


AWAY = {"kind": "holiday", "first": "2030-03-04", "last": "2030-03-08"}


def asked(who: Staff) -> Absence:
    """Return an absence that `who` asks for."""
    away = absences.Away(kind="holiday", first=date(2030, 3, 4), last=date(2030, 3, 8))
    return absences.request(away=away, by=who)


@act("POST desk:absence_new", "accounts.Absence")
def ask_for_an_absence() -> Prepared:
    who = person()
    listed = frozenset({"staff", "starts", "ends"})
    return Sending(browser(who), at("desk:absence_new"), AWAY, listed, actor=who.actor)


@act("POST desk:absence_decide", "accounts.Absence")
def grant_an_absence() -> Prepared:
    by = person("lead")
    path = at("desk:absence_decide", asked(person()).public_id)
    return Sending(browser(by), path, {"decision": "grant"}, actor=by.actor)


@act("POST desk:absence_withdraw", "accounts.Absence")
def withdraw_an_absence() -> Prepared:
    who = person()
    return Sending(browser(who), at("desk:absence_withdraw", asked(who).public_id), actor=who.actor)


def offered(who: Staff, to: Staff) -> ShiftSwap:
    """Return a swap that `who` offers."""
    return swaps.offer(shift=planned(who, person("lead")), to=to, by=who)


@act("POST desk:swap_offer", "accounts.ShiftSwap")
def offer_a_shift() -> Prepared:
    who = person()
    path = at("desk:swap_offer", planned(who, person("lead")).public_id)
    return Sending(browser(who), path, {"to": f"person:{person().public_id}"}, actor=who.actor)


@act("POST desk:swap_answer", "accounts.ShiftSwap")
def accept_a_shift() -> Prepared:
    who = person()
    path = at("desk:swap_answer", offered(person(), who).public_id)
    return Sending(browser(who), path, {"answer": "accept"}, actor=who.actor)


@act("POST desk:swap_withdraw", "accounts.ShiftSwap")
def take_an_offer_back() -> Prepared:
    who = person()
    return Sending(browser(who), at("desk:swap_withdraw", offered(who, person()).public_id), actor=who.actor)


@act("POST desk:swap_decide", "accounts.ShiftSwap", "accounts.Shift")
def approve_a_swap() -> Prepared:
    by, to = person("lead"), person()
    swap = offered(person(), to)
    swaps.answer(swap=swap, is_accepted=True, by=to)
    return Sending(browser(by), at("desk:swap_decide", swap.public_id), {"decision": "approve"}, actor=by.actor)
