"""Benches: the bulk loader makes rows that the product could have made, and a wrong call is told so."""

from pathlib import Path

import pytest

from bench import __main__ as bench_command
from bench import fill, loader, report
from tests.factories.accounts import StaffFactory
from tests.factories.tickets import MailboxFactory
from tests.faults import __main__ as faults_command
from tests.faults.catalogue import FAULTS
from tests.support.databases import TestStores
from tickets.models import InboundMail, Message, OutboundMail, Ticket


def test_load__some_tickets__are_gapless_and_complete(clone_db: str, test_stores: TestStores) -> None:
    MailboxFactory.create()
    StaffFactory.create_batch(2)
    said: list[str] = []
    with test_stores.owner(clone_db) as owner:
        loader.fill(owner, 400, batch=150, say=said.append)
        loader.fill(owner, 10)  # a second time beside what is there
    assert said == ["150 of 400 tickets", "300 of 400 tickets", "400 of 400 tickets"]
    assert Ticket.objects.count() == 410
    assert set(Ticket.objects.values_list("status", flat=True)) == {
        "new", "open", "pending", "on_hold", "resolved", "closed",
    }  # fmt: skip
    for ticket in Ticket.objects.all():
        messages = list(ticket.messages.order_by("seq"))
        assert [one.seq for one in messages] == list(range(1, ticket.last_seq + 1))
        public = [one for one in messages if one.public_seq is not None]
        assert [one.public_seq for one in public] == list(range(1, ticket.last_public_seq + 1))
        assert [one.direction for one in public] == ["in", "out"] * (len(public) // 2) + ["in"] * (len(public) % 2)
        assert public[-1].direction == ticket.last_direction
        assert ticket.created_at == messages[0].created_at < ticket.updated_at
        assert messages[-1].created_at <= ticket.updated_at
        assert ticket.requester.addresses.get().value == ticket.requester_address
    assert Message.objects.filter(kind="note").exists()
    written = Message.objects.filter(direction="out", kind="reply").count()
    assert OutboundMail.objects.filter(state="sent", is_reported=True).count() == written
    assert InboundMail.objects.filter(state="processed").count() == Message.objects.filter(direction="in").count()
    assert all(
        set(one) <= set("abcdefghijklmnopqrstuvwxyz234567")
        for one in Message.objects.values_list("public_id", flat=True)
    )


def test_load__without_people__says_what_is_missing(clone_db: str, test_stores: TestStores) -> None:
    with test_stores.owner(clone_db) as owner, pytest.raises(LookupError, match="mailbox"):
        loader.fill(owner, 10)


def test_bench__unknown_name__is_one_sentence_and_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench_command.main(["nothing"]) == 2
    assert (
        capsys.readouterr().err
        == "There is no bench 'nothing'; there are: intake, queue, live, desks, chat, fund-action, assign, sla, escalation, reports, webhooks, kb, search, bulk, load.\n"
    )


def test_bench__size_that_is_none__is_one_sentence_and_status_2(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BENCH_SIZE", "many")
    assert bench_command.main(["queue"]) == 2
    assert "BENCH_SIZE" in capsys.readouterr().err


def test_faults__unknown_id__is_one_sentence_and_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert faults_command.main(["F99"]) == 2
    assert capsys.readouterr().err == f"There is no fault 'F99'; there are: {', '.join(FAULTS)}.\n"


def test_report__rounds__give_percentiles_rate_and_spread() -> None:
    found = report.row("x", [[10.0] * 50, [20.0] * 49 + [100.0]])
    assert (found.n, found.p50_ms, found.p95_ms, found.p99_ms) == (100, 10.0, 20.0, 20.0)
    assert found.spread is not None
    assert found.spread > 0.5


@pytest.mark.parametrize("words", [[], ["many"], ["0"], ["9000000"]])
def test_fill__not_a_number_of_tickets__is_one_sentence_and_status_2(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert fill.main(words) == 2
    assert "TICKETS" in capsys.readouterr().err


def test_fill__no_copy__says_how_to_make_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    assert fill.main(["10"]) == 1
    assert "make run" in capsys.readouterr().err
