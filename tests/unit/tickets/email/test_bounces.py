"""Delivery reports of the big providers: told from people's mail, about whom, and about which of our mails."""

import pytest

from tests.corpus.bounces import BOUNCES, GONE, OURS, raw
from tickets.channels.email.parse import parse


@pytest.mark.parametrize("provider", BOUNCES)
def test_parse__report_of_a_provider__kind_recipient_and_original(provider: str) -> None:
    mail = parse(raw(BOUNCES[provider]))
    assert mail.kind == BOUNCES[provider].kind
    assert mail.bounce is not None
    assert mail.bounce.final_recipient == GONE
    assert mail.bounce.is_structured == bool(BOUNCES[provider].status)
    assert not mail.may_be_answered_automatically
    if provider != "gmail_delay":
        assert mail.bounce.is_permanent
    assert mail.bounce.original_message_id == OURS


@pytest.mark.parametrize("provider", BOUNCES)
def test_parse__report_without_its_report_part__sentences_enough(provider: str) -> None:
    mail = parse(raw(BOUNCES[provider]._replace(status="")))
    assert mail.kind == BOUNCES[provider].kind
    assert mail.bounce is not None
    assert mail.bounce.final_recipient == GONE


@pytest.mark.parametrize("provider", BOUNCES)
def test_parse__same_words_from_a_person__no_report(provider: str) -> None:
    report = BOUNCES[provider]._replace(sender="Li <li@customer.example>", status="", headers="")
    mail = parse(raw(report).removeprefix(b"Return-Path: <>\r\n"))
    assert (mail.kind, mail.bounce) == ("normal", None)
