"""The judge of faults sees what it is there for: each kind of damage, planted one at a time, turns the result red."""

import json
import socket
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any, LiteralString, cast

import psycopg
import pytest
from pytest_django import Settings

from core import audit
from tests.corpus.fuzz import Verdicts
from tests.factories.tickets import answer, mail_ticket
from tests.faults import audit_killed, audit_writer, database_jammed, malformed, results, slow_clients
from tests.faults.catalogue import FOLDER_NAME, ROUNDS
from tests.faults.ground import Attempt, Ground
from tests.faults.load import QUEUE, Seen
from tests.faults.recorder import Recorder
from tickets.models import Ticket

Owner = psycopg.Connection[Any]


@pytest.fixture
def played(clone_db: str, settings: Settings, tmp_path: Path) -> tuple[Recorder, Ticket]:
    """A run in which three messages were acknowledged and are there, and a fourth was refused and is not."""
    settings.AUDIT_ANCHOR_FILE = str(tmp_path / "anchors")
    recorder = Recorder("F0")
    ticket = mail_ticket(text=recorder.mark(1))
    recorder.ok(recorder.invoke("mail"))
    for _ in range(2):
        number = recorder.invoke("reply")
        _store(recorder, ticket, number)
        recorder.ok(number)
    recorder.fail(recorder.invoke("reply"), "422")
    audit.seal()
    return recorder, ticket


def _store(recorder: Recorder, ticket: Ticket, number: int) -> None:
    answer(ticket, f"Any news? {recorder.mark(number)}")


def _ground(owner: Owner) -> Ground:
    nothing = cast("Any", None)
    return Ground(nothing, nothing, owner, Random(1), rounds=1, is_patient=False)  # noqa: S311 -- as in test_faults


def _judged(owner: Owner, recorder: Recorder, ticket: Ticket, ground: Ground | None = None) -> results.Result:
    tally = recorder.tally(recorder.found(ticket.messages.values_list("text", flat=True)))
    return results.judge(ground or _ground(owner), recorder, tally, ["a remark"])


def test_judge__nothing_planted__is_ok(played: tuple[Recorder, Ticket], owner_connection: Owner) -> None:
    result = _judged(owner_connection, *played)
    assert (result.ok, result.notes) == (True, ["a remark"])
    assert (result.acknowledged, result.stored, result.lost, result.duplicated, result.unknown) == (3, 3, 0, 0, 0)


def test_tally__one_door_took_it_and_another_did_not_answer__is_acknowledged() -> None:
    recorder = Recorder("F0")
    number = recorder.invoke("the same mail by two doors")
    recorder.ok(number)
    recorder.unknown(number, "OSError")
    assert recorder.tally({}).lost == (number,)


def _acknowledge_nothing(_owner: Owner, recorder: Recorder, _ticket: Ticket) -> None:
    recorder.ok(recorder.invoke("reply"))


def _store_twice(_owner: Owner, recorder: Recorder, ticket: Ticket) -> None:
    _store(recorder, ticket, 2)


def _store_refused(_owner: Owner, recorder: Recorder, ticket: Ticket) -> None:
    _store(recorder, ticket, 4)


def _leave_a_gap(owner: Owner, _recorder: Recorder, ticket: Ticket) -> None:
    _set_on_the_last(owner, ticket, "seq = 17")


def _leave_a_public_gap(owner: Owner, _recorder: Recorder, ticket: Ticket) -> None:
    _set_on_the_last(owner, ticket, "public_seq = 17")


def _set_on_the_last(owner: Owner, ticket: Ticket, what: LiteralString) -> None:
    owner.execute("ALTER TABLE tickets_message DISABLE TRIGGER USER")
    last = "(SELECT max(id) FROM tickets_message WHERE ticket_id = %s)"
    owner.execute(f"UPDATE tickets_message SET {what} WHERE id = {last}", [ticket.pk])  # noqa: S608 -- our own words


def _break_the_chain(owner: Owner, _recorder: Recorder, _ticket: Ticket) -> None:
    owner.execute("ALTER TABLE core_auditentry DISABLE TRIGGER USER")
    owner.execute("UPDATE core_auditentry SET action = 'nothing.happened'")


@pytest.mark.parametrize(
    ("plant", "said"),
    [
        (_acknowledge_nothing, "lost: number 5"),
        (_store_twice, "twice: number 2"),
        (_store_refused, "refused, but there: number 4"),
        (_leave_a_gap, "with seq [1, 2, 17]"),
        (_leave_a_public_gap, "with public_seq [1, 2, 17]"),
        (_break_the_chain, "audit chain: "),
    ],
)
def test_judge__damage_planted__is_not_ok_and_says_which(
    played: tuple[Recorder, Ticket],
    owner_connection: Owner,
    plant: Callable[[Owner, Recorder, Ticket], None],
    said: str,
) -> None:
    plant(owner_connection, *played)
    played[1].refresh_from_db()
    result = _judged(owner_connection, *played)
    assert not result.ok
    assert said in "\n".join(result.notes)


def test_judge__something_noted_on_the_way__is_not_ok(played: tuple[Recorder, Ticket], owner_connection: Owner) -> None:
    ground = _ground(owner_connection)
    ground.notes.append("waited 60 s in vain")
    assert not _judged(owner_connection, *played, ground).ok


@pytest.mark.parametrize(("has_own_server", "is_ok"), [(True, False), (False, True)])
def test_judge__anchored_link_missing__is_a_fault_where_the_anchors_are_its_own(
    played: tuple[Recorder, Ticket],
    owner_connection: Owner,
    *,
    has_own_server: bool,
    is_ok: bool,
) -> None:
    audit.anchor_path().write_text(f"900000 {'0' * 64}\n", encoding="ascii")
    server = cast("Any", object()) if has_own_server else None
    result = _judged(owner_connection, *played, replace(_ground(owner_connection), server=server))
    assert result.ok == is_ok
    assert ("audit chain: anchored link is missing" in result.notes) == has_own_server


def test_judge__twice_but_unknown__is_listed_and_ok(played: tuple[Recorder, Ticket], owner_connection: Owner) -> None:
    recorder, ticket = played
    number = recorder.invoke("reply")
    for _ in range(2):
        _store(recorder, ticket, number)
    recorder.unknown(number, "TimeoutError")
    result = _judged(owner_connection, recorder, ticket)
    assert (result.ok, result.duplicated, result.unknown) == (True, 1, 1)


def test_recorder__planted_faults__are_seen() -> None:
    recorder = Recorder("F0")
    lost, twice, unknown, refused, fine = (recorder.invoke("x") for _ in range(5))
    for number in (lost, twice, fine):
        recorder.ok(number)
    recorder.fail(refused, "422")
    texts = [f"a {recorder.mark(twice)} b", recorder.mark(twice), recorder.mark(fine), "[F0/other/00001]"]
    tally = recorder.tally(recorder.found([*texts, recorder.mark(refused)]))
    assert (tally.acknowledged, tally.stored) == (3, 3)
    assert (tally.lost, tally.duplicated, tally.unknown) == ((lost,), (twice,), (unknown,))
    assert tally.ghosts == (refused,)


def test_recorder__folder_of_results_given__keeps_the_log_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(FOLDER_NAME, str(tmp_path))
    recorder = Recorder("F0")
    recorder.ok(recorder.invoke("POST ticket"))
    recorder.unknown(recorder.invoke("SMTP mail"), "TimeoutError")
    entries = [json.loads(line) for line in (tmp_path / "F0.log").read_text(encoding="utf-8").splitlines()]
    assert [(entry["what"], entry["number"], entry["why"]) for entry in entries] == [
        ("invoke", 1, "POST ticket"), ("ok", 1, ""), ("invoke", 2, "SMTP mail"), ("unknown", 2, "TimeoutError"),
    ]  # fmt: skip


def test_f6_wrong__waiting_posts_and_quick_pages__is_fine() -> None:
    pages = [Seen(0, "/healthz", 200, 0.1), Seen(0, QUEUE, 503, 15.0)]
    assert database_jammed.wrong("all tickets locked", pages, [Attempt(0, 503, 16.0), Attempt(0, 201, 0.4)]) == []


@pytest.mark.parametrize(
    ("pages", "posts", "said"),
    [
        ([], [Attempt(0, 503, 1.0), Attempt(0, 0, 30.0, "TimeoutError")], "a POST had no answer: TimeoutError"),
        ([], [Attempt(0, 503, 26.0)], "ticket locked: an answer took 26 s"),
        ([Seen(0, QUEUE, 200, 5.5)], [Attempt(0, 503, 5.0)], f"{QUEUE} took 5.5 s beside those who waited"),
        ([], [Attempt(0, 201, 1.0)], "no POST was refused"),
    ],
)
def test_f6_wrong__planted__is_said(pages: list[Seen], posts: list[Attempt], said: str) -> None:
    found = database_jammed.wrong("ticket locked", pages, posts)
    assert len(found) == 1
    assert said in found[0]


def test_f16_judge_reading__a_full_run_with_too_few_damaged__is_noted() -> None:
    nothing = cast("Any", None)
    ground = Ground(nothing, nothing, nothing, Random(1), rounds=ROUNDS, is_patient=True)  # noqa: S311 -- as above
    malformed.judge_reading(ground, Verdicts(damaged=malformed.LETTERS_A_ROUND * ROUNDS * 5 // 8))
    assert ground.notes == []
    malformed.judge_reading(ground, Verdicts(damaged=19_999))
    assert ground.notes == ["only 19999 damaged mails were read"]


def test_f20_gone__half_bodies_closed_by_the_server__is_said() -> None:
    pairs = [socket.socketpair() for _ in range(4)]
    crowd = slow_clients.Crowd()
    for (mine, _), kind in zip(pairs, (1, 1, 2, 2), strict=True):
        mine.settimeout(0)
        crowd.opened.append(("PORT", mine, slow_clients.HTTP[kind][1]))
    assert crowd.gone() == []
    pairs[3][1].close()
    assert crowd.gone() == ["only 1 of 2 clients that drip b' ' were there to the end"]
    assert crowd.still_open() == 3
    for pair in pairs:
        for end in pair:
            end.close()


def _remove_a_link(owner: Owner) -> None:
    owner.execute("DELETE FROM core_auditseal WHERE seq = 2")


def _fork(owner: Owner) -> None:
    owner.execute("UPDATE core_auditseal SET prev = (SELECT prev FROM core_auditseal WHERE seq = 1) WHERE seq = 2")


def _anchor_what_is_not_there(_owner: Owner) -> None:
    audit.anchor_path().write_text(f"1 {'0' * 64}\n", "ascii")


@pytest.mark.parametrize(
    ("plant", "said"),
    [
        (_remove_a_link, "entry is neither sealed nor waiting"),
        (_fork, "7 entries in them, 6 followed;"),
        (_anchor_what_is_not_there, "1 of 1 anchors name no link"),
    ],
)
def test_audit_killed__damage_planted__is_noted(
    played: tuple[Recorder, Ticket], owner_connection: Owner, plant: Callable[[Owner], None], said: str
) -> None:
    for _ in range(2):
        audit.record(audit_writer.ACTION, actor=audit.SYSTEM)
    audit.seal()
    ground = _ground(owner_connection)
    audit_killed.check_chain(ground, 0)
    assert ground.notes == []
    owner_connection.execute("ALTER TABLE core_auditseal DISABLE TRIGGER USER")
    plant(owner_connection)
    audit_killed.check_chain(ground, 0)
    assert said in "\n".join(ground.notes)


def test_audit_killed__half_of_a_change_is_there__is_noted(
    played: tuple[Recorder, Ticket], owner_connection: Owner
) -> None:
    recorder, _ticket = played
    ground = _ground(owner_connection)
    killed = recorder.invoke("change")
    recorder.unknown(killed, "killed")
    assert audit_killed.check_halves(ground, recorder, Counter()) == 1
    assert audit_killed.check_halves(ground, recorder, Counter({killed: audit_writer.ENTRIES})) == 0
    assert ground.notes == []
    audit_killed.check_halves(ground, recorder, Counter({killed: 1}))
    assert ground.notes == [f"1 of {audit_writer.ENTRIES} entries of number {killed}"]
