"""What the desk's socket reads: which groups a person may join, and how far a ticket is."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from accounts.models import Staff, Team, TeamMembership
from accounts.permissions import Permission, Role
from security.models import StaffSession
from tickets.groups import queue_group
from tickets.models import Ticket


def last_seqs(person: Staff, public_id: str) -> tuple[int, int] | None:
    """Return (last seq, last public seq) of a ticket `person` may see, else None."""
    found = Ticket.objects.visible_to(person).filter(public_id=public_id)
    return found.values_list("last_seq", "last_public_seq").first()


def queue_groups(person: Staff) -> set[str]:
    """Return the groups of every queue `person` may see."""
    groups = {queue_group(pk) for pk in Team.objects.visible_to(person).values_list("pk", flat=True)}
    if person.role != Role.VENDOR:
        groups.add(queue_group(None))
    return groups


def person_of(session_pk: int) -> Staff | None:
    """Return the person behind a session that is still alive, read afresh."""
    session = StaffSession.objects.living().select_related("staff").filter(pk=session_pk).first()
    return session.staff if session else None


@dataclass(frozen=True)
class Rights:
    """What one open socket's person may hear of now; `tickets` are those of the asked ones that they may see."""

    staff: Staff
    queues: frozenset[str]
    tickets: frozenset[str]


def rights_now(wanted: Mapping[int, Collection[str]]) -> dict[int, Rights]:
    """Return the rights behind each session (by pk, with the tickets it watches) that still has any.

    What a person may see depends on their role and teams alone: it is asked once for each such pair that
    occurs, not for each socket.
    """
    sessions = StaffSession.objects.living().select_related("staff").filter(pk__in=wanted)
    people = {session.pk: session.staff for session in sessions if session.staff.has(Permission.TICKET_VIEW)}
    teams: dict[int, set[int]] = {person.pk: set() for person in people.values()}
    for staff_pk, team_pk in TeamMembership.objects.filter(staff__in=teams).values_list("staff_id", "team_id"):
        teams[staff_pk].add(team_pk)
    alike: dict[tuple[str, frozenset[int]], list[int]] = {}
    for session_pk, person in people.items():
        alike.setdefault((person.role, frozenset(teams[person.pk])), []).append(session_pk)
    found: dict[int, Rights] = {}
    for session_pks in alike.values():
        person = people[session_pks[0]]
        queues = frozenset(queue_groups(person))
        asked = {public_id for session_pk in session_pks for public_id in wanted[session_pk]}
        seen = _visible(person, asked)
        found |= {pk: Rights(people[pk], queues, frozenset(seen.intersection(wanted[pk]))) for pk in session_pks}
    return found


def _visible(person: Staff, public_ids: Collection[str]) -> set[str]:
    if not public_ids:
        return set()
    return set(Ticket.objects.visible_to(person).filter(public_id__in=public_ids).values_list("public_id", flat=True))
