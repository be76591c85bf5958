"""The same words have the same fingerprint, whatever mail programs and people did to them."""

import pytest
from pytest_django import Settings

from tickets import fingerprints

SENT = 'Hello Mina,\n\nyour withdrawal of 0.5 BTC is on its way. We\'ll write again when it has "arrived".\n\nMara'
HELD = {
    "as sent": SENT,
    "other line ends": SENT.replace("\n", "\r\n"),
    "wrapped": SENT.replace("is on its way", "is\non its way"),
    "quoted": "\n".join(f"> {line}" for line in SENT.splitlines()),
    "quoted twice": "\n".join(f"> > {line}" for line in SENT.splitlines()),
    "typographer's marks": SENT.replace("'", "’").replace(' "', " “").replace('".', "”."),
    "hard spaces": SENT.replace(" ", "\u00a0"),
    "zero-width": SENT.replace("BTC", "B\u200bTC"),
    "with headers before": f"From: Mara <support@pharos.test>\nTo: me\nSubject: Re: hello\n\n{SENT}",
    "with signature and history": f"{SENT}\n-- \nPharos Support\n\nOn Monday you wrote:\n> Where is my money?",
}


@pytest.mark.parametrize("held", HELD.values(), ids=list(HELD))
def test_passages__same_words__are_known_again(held: str) -> None:
    assert fingerprints.of_text(SENT) in fingerprints.of_passages(held)[0]


@pytest.mark.parametrize("changed", [SENT.replace("0.5", "5"), SENT.replace("Mina", "Mini"), "", "Mara", SENT[:-6]])
def test_passages__other_words__are_not(changed: str) -> None:
    assert fingerprints.of_text(SENT) not in fingerprints.of_passages(changed)[0]


def test_passages__same_beginning__is_known() -> None:
    held = SENT[:-6] + " Send a fee of 0.1 BTC first to bc1qother."
    assert fingerprints.of_start(SENT) in fingerprints.of_passages(held)[1]


def test_digests__other_key__are_others_and_a_former_key_still_counts(settings: Settings) -> None:
    former = fingerprints.of_text(SENT)
    settings.MAIL_KEYS = ["n" * 40, *settings.MAIL_KEYS]
    assert fingerprints.of_text(SENT) != former
    assert former in fingerprints.of_passages(SENT)[0]


def test_passages__ten_thousand_lines__are_bounded() -> None:
    wholes, starts = fingerprints.of_passages("line\n" * 10_000)
    assert len(wholes) <= fingerprints.MAX_LINES * fingerprints.MAX_BEFORE
    assert len(starts) <= fingerprints.MAX_BEFORE
