"""Acts about how cases belong together."""

from tests.contracts.permissions.acts import Prepared, Sending, act, at, browser, person, ticket
from tests.contracts.permissions.acts_at_the_desk import CHANGED
from tickets.services import links, merging

LINKED = (*CHANGED, "tickets.TicketLink")


@act("POST desk:links", *LINKED)
def link_two_tickets() -> Prepared:
    who, case, other = person(), ticket(), ticket()
    data = {"other": other.public_id, "relation": "parent"}
    return Sending(browser(who), at("desk:links", case.public_id), data, actor=who.actor)


@act("POST desk:unlink", *LINKED)
def take_a_link_away() -> Prepared:
    who, case, other = person(), ticket(), ticket()
    link = links.add(ticket=case, other=other, relation="related", by=who)
    return Sending(browser(who), at("desk:unlink", case.public_id), {"link": link.public_id}, actor=who.actor)


@act("POST desk:merge", *CHANGED, "tickets.TicketMerge")
def merge_a_ticket() -> Prepared:
    who, case, other = person(), ticket(), ticket()
    data = {"into": other.public_id}
    path = at("desk:merge", case.public_id)
    return Sending(browser(who), path, data, frozenset({"confirmed"}), actor=who.actor)


@act("POST desk:unmerge", *CHANGED, "tickets.TicketMerge")
def undo_a_merge() -> Prepared:
    who, case, other = person(), ticket(), ticket()
    merging.merge(source=case, into=other, by=who)
    return Sending(browser(who), at("desk:unmerge", case.public_id), actor=who.actor)


@act("POST desk:split", *LINKED)
def split_a_ticket() -> Prepared:
    who, case = person(), ticket()
    data = {"seq": "1", "subject": "Another matter"}
    return Sending(browser(who), at("desk:split", case.public_id), data, actor=who.actor)
