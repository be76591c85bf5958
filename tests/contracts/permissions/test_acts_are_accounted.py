"""D8: whatever changes a row is in the audit log, for every door of the matrix; D2: nothing but the listed fields is written."""

from typing import Any

import pytest
from django.db import ProgrammingError, connection

from accounts.models import Staff
from core import audit
from tests.contracts.permissions import (
    accounted,
    acts,
    acts_at_the_desk,
    acts_at_the_portal,
    acts_behind,
    acts_in_the_chat,
    acts_of_articles,
    acts_of_devices,
    acts_of_escalation,
    acts_of_linking,
    acts_of_notices,
    acts_of_passkeys,
    acts_of_people,
    acts_of_phone,
    acts_of_service_levels,
    acts_of_shifts,
    acts_of_social,
    acts_of_the_exchange,
    acts_of_webhooks,
    acts_of_work,
    doors,
    matrix,
    routes,
    stuffing,
)
from tests.contracts.permissions.acts import ACTS, Act, Prepared, Sending
from tests.contracts.permissions.commands import COMMANDS
from tests.contracts.permissions.rows import Change, Diff, Recorder
from tickets.models import Ticket

# Each registers its acts.
assert all(
    (
        acts_at_the_desk,
        acts_at_the_portal,
        acts_behind,
        acts_in_the_chat,
        acts_of_articles,
        acts_of_devices,
        acts_of_escalation,
        acts_of_notices,
        acts_of_linking,
        acts_of_passkeys,
        acts_of_people,
        acts_of_phone,
        acts_of_service_levels,
        acts_of_shifts,
        acts_of_social,
        acts_of_the_exchange,
        acts_of_webhooks,
        acts_of_work,
    )
)
# Doors without an act here.
THROUGH_THE_VERIFIER = "with the real verifier and exchange: tests/integration/tickets/funds"
WITHOUT = {
    "POST desk:call_token": "hands out what the provider's script signs in with, and keeps nothing",
    "POST desk:fund_request": "keeps in the session what is asked for, and no row",
    "POST desk:policy_new": "keeps in the session what is proposed, and no row",
    **dict.fromkeys(
        (
            "POST desk:fund_begin",
            "POST desk:fund_confirm",
            "POST desk:fund_draw",
            "POST desk:approval_begin",
            "POST desk:approve",
            "POST desk:decline",
            "POST desk:policy_begin",
            "POST desk:policy_propose",
            "POST desk:policy_confirm_begin",
            "POST desk:policy_confirm",
        ),
        THROUGH_THE_VERIFIER,
    ),
    "POST desk:report_export": "changes no row; what is taken is recorded: tests/integration/tickets/reports/test_pages.py",
    **dict.fromkeys(
        ("POST desk:reveal", "POST desk:reveal_copied"),
        "committed on a connection of its own: tests/integration/security/test_reveals.py",
    ),
    "POST desk:shut_out_now": "by the services of administration, whose acts are here; tests/integration/tickets/test_insiders.py",
    "POST desk:who_saw_export": "changes no row; what is taken is recorded: tests/integration/tickets/test_who_saw.py",
    "command webhook_key": "prints random bytes",
    "command who_saw": "changes no row; asking is recorded: tests/integration/tickets/test_who_saw.py",
    "POST metrics": "nobody",
    "POST help:suggest": "reads",
    "command kb_export": "reads",
    **dict.fromkeys(
        (
            "POST portal:approval_options",
            "POST portal:approval_answer",
            "POST portal:approval_code",
            "POST portal:approval_deny",
            "POST chat:trust_options",
            "POST chat:trust_approve",
            "POST chat:trust_code",
            "POST chat:trust_deny",
        ),
        "an action needs a step-up, which the verifier alone records: tests/integration/tickets/portal/test_approvals.py",
    ),
    **dict.fromkeys(
        (
            "POST portal:passkey",
            "POST portal:passkey_options",
            "POST portal:authenticator",
            "POST portal:authenticator_code",
        ),
        "by exchange and verifier, which are away here: tests/integration/tickets/portal/test_factors.py",
    ),
    "POST chat:identify": "by the exchange, which is away here: tests/integration/livechat/test_identity.py",
    **dict.fromkeys(
        (
            "POST demo:channel_say",
            "POST demo:channel_correct",
            "POST demo:channel_read",
            "POST demo:x_say",
            "POST demo:discord_command",
            "POST demo:phone_call",
            "POST demo:phone_do",
        ),
        "hands an event to POST hook over the network, which is not there: tests/browser/test_channels.py",
    ),
    "POST demo:channel_api": "keeps what a vendor would, in files of the demo",
    "POST demo:channel_graph": "keeps what a vendor would, in files of the demo",
    "POST demo:discord_api": "keeps what a vendor would, in files of the demo",
    "POST demo:phone_api": "keeps what a vendor would, in files of the demo",
    "DELETE demo:phone_api": "keeps what a vendor would, in files of the demo",
    "POST demo:sms_api": "keeps what a vendor would, in files of the demo",
    "POST demo:x_api": "keeps what a vendor would, in files of the demo",
    "command backup": "reads",
    "command restore": "into an empty database, as its administrator",
    "command create_roles": "roles of the database, as its administrator",
    "command demo_code": "demo only, prints",
    "command load_demo": "demo only, into an empty database",
    "command migrate": "the schema, as its owner",
    "command prove_fund_rule": "reads; what it tries is undone",
    "command run_discord": "a process; what it stores is stored by the service that POST demo:discord_say calls",
    "command run_mail": "a process; what it stores is stored by the service that POST api:intake calls",
}
IDS = [f"{one.door}: {one.make.__name__}" for one in ACTS]


def changing_doors() -> set[str]:
    """Every door of the matrix by which something may change."""
    found = {f"POST {route.name}" for route in matrix.ROUTES if route.methods.keys() - {"GET"}}
    found |= {f"admin {verb} {label}" for label, verbs in matrix.ADMIN.items() for verb in verbs.keys() - {"view"}}
    found |= {f"task {name}" for name in matrix.TASKS}
    return found | {f"command {name}" for name in COMMANDS}


def done(one: Act, prepared: Prepared, more: dict[str, Any] | None = None) -> Diff:
    """Do it, and return what it changed; fails when it was not let in."""
    with Recorder() as seen:
        answer = prepared(more) if isinstance(prepared, Sending) else prepared()
    status = getattr(answer, "status_code", 200)
    assert status < 400 or (one.changes == {"axes.AccessAttempt"} and status == 422), (
        status,
        getattr(answer, "content", ""),
    )
    return seen.diff


def by_whom(prepared: Prepared, diff: Diff) -> list[str]:
    """Complain when no entry of a person's act names that person."""
    actor = prepared.actor if isinstance(prepared, Sending) else None
    if actor is None or not any(accounted.needs_entry(change) for change in diff.changes):
        return []
    named = {(entry.actor_kind, entry.actor_id) for entry in diff.entries}
    return [] if (actor.kind, actor.id) in named else [f"nothing says that {actor.kind} did it: {sorted(named)}"]


@pytest.mark.attack("D2")
@pytest.mark.attack("D8")
@pytest.mark.parametrize("one", ACTS, ids=IDS)
def test_act__alone_and_with_every_field_of_every_model__changes_what_is_listed_and_is_recorded(
    own_database: None, one: Act
) -> None:
    stuffing.decoys()
    prepared = one.make()
    plain = done(one, prepared)

    assert plain.labels >= one.changes, "the act did not do what it says"
    assert [*accounted.unaccounted(plain), *by_whom(prepared, plain)] == []

    again = one.make() if isinstance(prepared, Sending) and isinstance(prepared.data, dict) else None
    if isinstance(again, Sending):
        stuffed = done(one, again, stuffing.fields(as_json=again.kind == "json"))
        assert stuffing.traces(stuffed) == []
        assert stuffing.outline(stuffed) == stuffing.outline(plain)


@pytest.mark.attack("D8")
def test_doors__every_one_that_changes_rows__has_an_act() -> None:
    listed = {one.door for one in ACTS}

    assert doors.differences(changing_doors() - WITHOUT.keys(), listed) == []
    assert listed.isdisjoint(WITHOUT)


@pytest.mark.attack("D8")
def test_doors__planted_one__is_missed() -> None:
    planted = routes.acts("desk:export", routes.REPLIES)

    found = changing_doors() | {f"POST {planted.name}"}

    faults = doors.differences(found - WITHOUT.keys(), changing_doors() - WITHOUT.keys())

    assert [line.partition(": ")[0] for line in faults] == ["POST desk:export"]


@pytest.mark.attack("D8")
def test_recorder__change_without_an_entry__is_found(db: None) -> None:
    case = acts.ticket()

    with Recorder() as seen:
        Ticket.objects.filter(pk=case.pk).update(priority="low", version=9)
        audit.record("ticket.priority_changed", actor=audit.SYSTEM, obj=("ticket", "another"))

    assert [str(change) for change in seen.diff.changes] == ["update tickets.Ticket (priority, version)"]
    assert len(list(accounted.unaccounted(seen.diff))) == 1


def test_recorder__bookkeeping_and_named_rows__are_accounted_for(db: None) -> None:
    case = acts.ticket()

    with Recorder() as seen:
        Ticket.objects.filter(pk=case.pk).update(priority="low")
        audit.record("ticket.priority_changed", actor=audit.SYSTEM, obj=("ticket", case.public_id))
    beat = Change("security.StaffSession", "1", "update", frozenset({"seen_at"}), {})

    assert list(accounted.unaccounted(seen.diff)) == []
    assert not accounted.needs_entry(beat)
    assert accounted.needs_entry(Change("security.StaffSession", "1", "update", frozenset({"ended_at"}), {}))


@pytest.mark.attack("D2")
def test_stuffing__naive_update__is_found(db: None) -> None:
    stuffing.decoys()
    case = acts.ticket()
    given = stuffing.fields(as_json=False)
    with Recorder() as seen:
        Ticket.objects.filter(pk=case.pk).update(
            subject=given["subject"], assignee_id=given["assignee_id"], is_spam=True
        )

    # What the search knows of a subject changes with it.
    traces = set(stuffing.traces(seen.diff))
    assert traces == {"tickets.SearchEntry.vector", "tickets.Ticket.assignee_id", "tickets.Ticket.subject"}
    assert ("update", "tickets.Ticket", "is_spam", "True") in stuffing.outline(seen.diff)


# The second layer: what no door may ever change, the database itself does not let the app role change.
@pytest.mark.attack("D2")
@pytest.mark.parametrize(
    "column",
    [
        "accounts_staff.email", "accounts_staff.public_id", "accounts_customer.public_id", "accounts_customeraddress.value",
        "accounts_customeraddress.customer_id", "accounts_customeraddress.proof", "accounts_customeraddress.proven_at",
        "tickets_ticket.requester_id", "tickets_ticket.requester_address", "tickets_ticket.is_requester_proven",
        "tickets_ticket.number", "tickets_ticket.public_id", "tickets_message.staff_id", "tickets_message.sender_role",
        "tickets_message.is_sender_proven", "tickets_message.seq", "tickets_message.kind", "tickets_message.created_at",
        "tickets_attachment.message_id", "tickets_inboundmail.identity", "tickets_inboundmail.is_from_trusted_mx",
        "tickets_outboundmail.to_address", "tickets_outboundmail.message_id_header", "tickets_mailbox.public_id",
        "security_apitoken.scopes", "security_apitoken.staff_id", "security_apitoken.expires_at",
        "security_apitoken.digest", "security_invitation.staff_id", "security_invitation.expires_at",
        "security_staffsession.staff_id", "security_staffsession.opened_at", "security_totpdevice.staff_id",
        "security_recoverycode.digest", "core_storedfile.storage_name", "core_auditentry.action", "core_notice.to_address",
    ],
)  # fmt: skip
def test_app_role__column_that_no_door_changes__is_refused_by_the_database(db: None, column: str) -> None:
    table, name = column.split(".")
    with connection.cursor() as cursor, pytest.raises(ProgrammingError, match="permission denied"):
        cursor.execute(f'UPDATE "{table}" SET "{name}" = "{name}"')  # noqa: S608 -- names of this list


def test_staff__columns_of_rights__are_among_the_stuffing() -> None:
    given = stuffing.fields(as_json=True)

    assert {field.name for field in Staff._meta.concrete_fields} <= given.keys()
    assert (given["role"], given["is_superuser"]) == ("admin", True)
