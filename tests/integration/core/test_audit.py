"""The audit chain: whole, and every kind of tampering found, whoever does it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from pytest_django import Settings

from core import audit, heartbeat
from core.audit import Actor
from core.inbound_tasks import anchor_audit
from core.models import AuditEntry, AuditSeal

TAMPER: dict[str, str] = {
    "altered": "UPDATE core_auditentry SET action = 'nothing.happened' WHERE id = (SELECT entry_id FROM core_auditseal WHERE seq = 2)",
    "removed": "DELETE FROM core_auditentry WHERE id = (SELECT entry_id FROM core_auditseal WHERE seq = 2)",
    "unlinked": "DELETE FROM core_auditseal WHERE seq = 2",
    "cut tail": "DELETE FROM core_auditseal WHERE seq >= 3",
}


@pytest.fixture(autouse=True)
def _own_anchors(settings: Settings, tmp_path: Path) -> None:
    settings.AUDIT_ANCHOR_FILE = str(tmp_path / "anchors")


def write(count: int = 4) -> None:
    for number in range(count):
        audit.record("test.done", actor=Actor("staff", "abc"), obj=("ticket", f"t{number}"), detail={"n": number})


def test_verify__untouched__is_whole(clone_db: str) -> None:
    write()
    assert audit.seal() >= 4
    audit.anchor()
    # The first anchor is an entry itself.
    assert audit.seal() == 1
    assert audit.verify() == []
    assert audit.unsealed_age_s() == 0


def test_anchor__nothing_sealed_yet__waits_and_the_chain_is_whole(clone_db: str) -> None:
    write()
    assert audit.anchor() == 0
    assert not audit.anchor_path().exists()
    assert audit.verify() == []
    audit.seal()
    assert audit.anchor() == 4
    assert audit.verify() == []


@pytest.mark.parametrize("left", [b"1", b"1 abcdef", b"12 "])
def test_anchor__line_before_was_cut_off__is_a_line_of_its_own_and_breaks_no_chain(clone_db: str, left: bytes) -> None:
    write()
    audit.seal()
    audit.anchor_path().write_bytes(left)
    assert audit.verify() == []
    assert audit.anchor() == audit.head()[0]
    assert audit.anchor_path().read_bytes().splitlines()[1:] == ["{} {}".format(*audit.head()).encode()]
    assert audit.verify() == []


def test_anchor_audit__place_is_away_and_back__says_so(clone_db: str) -> None:
    def said() -> tuple[bool, str]:
        (pulse,) = (pulse for pulse in heartbeat.pulses() if pulse.name == "audit anchor")
        return pulse.is_ok, pulse.detail

    write()
    audit.seal()
    audit.anchor_path().mkdir()
    anchor_audit()
    assert said() == (False, "Is a directory")
    audit.anchor_path().rmdir()
    anchor_audit()
    assert said() == (True, f"link {audit.head()[0]}")


def test_anchor__of_a_new_chain__begins_the_file_and_says_so_once(clone_db: str) -> None:
    write()
    audit.seal()
    assert not audit.have_begun()
    audit.anchor()
    audit.anchor()
    assert AuditEntry.objects.filter(action="audit.anchors_begun").count() == 1


def test_anchor__file_of_a_former_release__is_taken_over(clone_db: str) -> None:
    write()
    audit.seal()
    audit.anchor_path().write_text("{} {}\n".format(*audit.head()), "ascii")
    audit.anchor()
    assert audit.have_begun()
    assert len(audit.anchor_path().read_text("ascii").splitlines()) == 2


@pytest.mark.attack("H9")
@pytest.mark.parametrize("folder_too", [False, True])
def test_anchor__file_is_gone__is_an_alarm_and_no_other_is_made(
    clone_db: str, settings: Settings, tmp_path: Path, *, folder_too: bool
) -> None:
    settings.AUDIT_ANCHOR_FILE = str(tmp_path / "volume" / "audit")
    write()
    audit.seal()
    anchor_audit()
    kept = audit.anchor_path().read_bytes()
    audit.anchor_path().unlink()
    if folder_too:
        audit.anchor_path().parent.rmdir()
    anchor_audit()
    (pulse,) = (pulse for pulse in heartbeat.pulses() if pulse.name == "audit anchor")
    assert (pulse.is_ok, pulse.detail) == (False, "The anchors are gone")
    assert not audit.anchor_path().exists()
    assert [fault.why for fault in audit.verify()] == ["no anchor exists for this chain"]
    # Back where it was, it goes on.
    audit.anchor_path().parent.mkdir(exist_ok=True)
    audit.anchor_path().write_bytes(kept)
    anchor_audit()
    assert audit.verify() == []


@pytest.mark.attack("H9")
def test_verify__anchors_replaced_by_an_empty_file__is_a_fault(clone_db: str) -> None:
    write()
    audit.seal()
    audit.anchor()
    audit.anchor_path().write_bytes(b"")
    assert [fault.why for fault in audit.verify()] == ["no anchor exists for this chain"]


def test_verify_audit__begin_anchors_anew__is_an_entry_and_only_for_a_whole_chain(
    clone_db: str, owner_connection: "psycopg.Connection[Any]"
) -> None:
    write()
    audit.seal()
    audit.anchor()
    audit.anchor_path().unlink()
    call_command("verify_audit", "--begin-anchors-anew", verbosity=0)
    anew = AuditEntry.objects.filter(action="audit.anchors_begun").latest("pk")
    assert anew.detail["anew"] is True
    audit.seal()
    assert audit.verify() == []
    audit.anchor_path().unlink()
    owner_connection.execute("ALTER TABLE core_auditseal DISABLE TRIGGER USER")
    owner_connection.execute(TAMPER["unlinked"])
    owner_connection.commit()
    with pytest.raises(SystemExit):
        call_command("verify_audit", "--begin-anchors-anew", verbosity=0)
    assert not audit.anchor_path().exists()


@pytest.mark.attack("H9")
@pytest.mark.parametrize("kind", TAMPER)
def test_verify__owner_tampers_with_triggers_off__names_the_link(
    clone_db: str,
    owner_connection: "psycopg.Connection[Any]",
    kind: str,
) -> None:
    write()
    audit.seal()
    audit.anchor()
    for table in ("core_auditentry", "core_auditseal"):
        owner_connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    owner_connection.execute(TAMPER[kind])
    owner_connection.commit()
    faults = audit.verify()
    assert faults, kind
    if kind == "altered":
        assert faults[0].seq == 2
    with pytest.raises(SystemExit):
        call_command("verify_audit")


@pytest.mark.django_db
@pytest.mark.parametrize("table", ["core_auditentry", "core_auditseal"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_app_role__cannot_touch_the_chain(table: str, verb: str) -> None:
    write(1)
    column = "action" if table == "core_auditentry" else "seq"
    statement = verb.format(table, column, column)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_owner__cannot_touch_the_chain_while_triggers_stand(
    clone_db: str, owner_connection: "psycopg.Connection[Any]"
) -> None:
    write(1)
    audit.seal()
    for statement in (
        "UPDATE core_auditentry SET action = 'x.y'",
        "DELETE FROM core_auditseal",
        "TRUNCATE core_auditseal",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            owner_connection.execute(statement)
        owner_connection.rollback()


def test_record_now__caller_rolls_back__entry_stays(clone_db: str) -> None:
    class UndoneError(Exception):
        pass

    def denied_and_undone() -> None:
        with transaction.atomic():
            audit.record("test.rolled_back", actor=Actor("staff", "abc"))
            audit.record_now("test.denied", actor=Actor("staff", "abc"))
            raise UndoneError

    with pytest.raises(UndoneError):
        denied_and_undone()
    assert list(AuditEntry.objects.values_list("action", flat=True)) == ["test.denied"]


def test_seal__two_at_once__chains_each_entry_once(clone_db: str, race: Callable[..., list[Any]]) -> None:
    write(50)
    race(*[audit.seal] * 4)
    audit.seal()
    assert AuditSeal.objects.count() == AuditEntry.objects.count() == 50
    assert audit.verify() == []
