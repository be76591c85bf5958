"""Sender proof: our exchanger's own topmost verdict counts, everything that a sender can write does not."""

import pytest

from tests.unit.tickets.email import corpus
from tickets.channels.email.parse import SenderProof, parse, sender_proof

OURS = "mx.pharos.example"
HOP = "from mail.customer.example by mx.pharos.example with ESMTPS id 1; Mon, 23 Nov 2026 10:31:44 +0800"
DKIM = f"{OURS}; dkim=pass header.d=customer.example header.s=k1 header.b=AbC/d+e="


def proof(*headers: tuple[str, str], trusted: str | None = OURS, domain: str = "customer.example") -> SenderProof:
    top = "".join(f"{name}: {value}\r\n" for name, value in headers).encode()
    return sender_proof(parse(top + corpus.mail()).headers, trusted_authserv_id=trusted, from_domain=domain)


def result(value: str, **options: str) -> SenderProof:
    return proof(("Received", HOP), ("Authentication-Results", value), **options)


@pytest.mark.parametrize(
    ("value", "method"),
    [
        (DKIM, "dkim"),
        (f"{OURS} 1; dkim=pass (2048-bit key) header.d=customer.example", "dkim"),
        (f"{OURS.upper()}; dkim=pass header.d=Customer.Example", "dkim"),
        (f"{OURS}; dkim=pass header.i=@customer.example header.s=20230601 header.b=x", "dkim"),
        (f"{OURS}; dkim=pass header.d=example.org; dkim=pass header.d=mail.customer.example", "dkim"),
        (f"{OURS}; spf=pass (ok) smtp.mailfrom=li@bounce.customer.example", "spf"),
        (f"{OURS}; spf=pass smtp.mailfrom=customer.example; dkim=none", "spf"),
        (f"{OURS}; dkim=fail header.d=customer.example; dmarc=pass (p=REJECT) header.from=customer.example", "dmarc"),
        (f"{OURS};\r\n\tdkim=pass header.d=customer.example;\r\n\tspf=softfail smtp.mailfrom=x@other.example", "dkim"),
    ],
)
def test_sender_proof__aligned_pass_of_our_exchanger__proven(value: str, method: str) -> None:
    found = result(value)
    assert (found.is_proven, found.method) == (True, method)


@pytest.mark.attack("A9")
@pytest.mark.parametrize(
    "value",
    [
        f"{OURS}; dkim=pass header.d=attacker.example",
        f"{OURS}; dkim=pass header.d=evilcustomer.example",
        f"{OURS}; dkim=pass header.d=example",
        f"{OURS}; dkim=fail header.d=customer.example",
        f"{OURS}; dkim=none; spf=neutral smtp.mailfrom=li@customer.example",
        f"{OURS}; spf=pass smtp.helo=customer.example",
        f"{OURS}; spf=pass smtp.mailfrom=customer.example@attacker.example",
        f"{OURS}; dmarc=pass header.from=attacker.example",
        f"{OURS}; dkim=pass header.d=customer.example; dmarc=fail header.from=customer.example",
        f"{OURS}; arc=pass; dkim=fail (was dkim=pass header.d=customer.example)",
        f'{OURS}; spf=pass smtp.mailfrom="x; dkim=pass header.d=customer.example"@attacker.example',
        f"{OURS}; none",
        f"{OURS}",
        f"{OURS}; dkim=pass (unclosed header.d=customer.example",
        f"{OURS}.attacker.example; dkim=pass header.d=customer.example",
        f"attacker.example ({OURS}); dkim=pass header.d=customer.example",
        f"(hi) attacker.example; {OURS}; dkim=pass header.d=customer.example",
        "dkim=pass header.d=customer.example",
        f"{OURS}; dkim=pass header.d=customer.example; x=\u0441",
    ],
)
def test_sender_proof__no_aligned_pass_of_ours__unproven(value: str) -> None:
    assert not result(value).is_proven


def test_sender_proof__other_id_on_top_and_ours_below__ours_counts() -> None:
    other = ("Authentication-Results", "relay.example; dkim=fail header.d=customer.example")
    assert proof(other, ("Received", HOP), ("Authentication-Results", DKIM)).is_proven


@pytest.mark.attack("A9")
def test_sender_proof__forged_one_below_ours__ignored() -> None:
    ours = ("Authentication-Results", f"{OURS}; dkim=none")
    assert not proof(ours, ("Received", HOP), ("Authentication-Results", DKIM)).is_proven


@pytest.mark.attack("A9")
def test_sender_proof__forged_below_a_foreign_hop__ignored() -> None:
    foreign = ("Received", "from x by relay.attacker.example with SMTP; Mon, 23 Nov 2026 10:31:44 +0800")
    assert not proof(("Received", HOP), foreign, ("Authentication-Results", DKIM)).is_proven


@pytest.mark.attack("A9")
def test_sender_proof__foreign_hop_named_in_a_comment__still_foreign() -> None:
    foreign = ("Received", f"from x (by {OURS} with SMTP) by relay.attacker.example; Mon, 23 Nov 2026 10:31:44 +0800")
    assert not proof(foreign, ("Authentication-Results", DKIM)).is_proven


def test_sender_proof__internal_hops_above__proven() -> None:
    inner = ("Received", "by 10.0.0.5 with SMTP id 2; Mon, 23 Nov 2026 10:31:45 +0800")
    store = (
        "Received",
        "from mx.pharos.example by imap.pharos.example with LMTP id 3; Mon, 23 Nov 2026 10:31:45 +0800",
    )
    assert proof(store, inner, ("Authentication-Results", DKIM), ("Received", HOP)).is_proven


@pytest.mark.parametrize("trusted", [None, "", "  "])
def test_sender_proof__nobody_trusted__unproven(trusted: str | None) -> None:
    assert not proof(("Authentication-Results", DKIM), trusted=trusted).is_proven


@pytest.mark.parametrize(
    ("signer", "domain"), [("other.github.io", "github.io"), ("github.io", "me.github.io"), ("co.uk", "bank.co.uk")]
)
def test_sender_proof__shared_suffix__neighbours_prove_nothing(signer: str, domain: str) -> None:
    assert not result(f"{OURS}; dkim=pass header.d={signer}", domain=domain).is_proven


def test_sender_proof__idn_domain__compared_in_ascii() -> None:
    found = result(f"{OURS}; dkim=pass header.d=xn--bcher-kva.example", domain="B\u00fccher.example")
    assert found.is_proven


def test_sender_proof__none_at_all__unproven_with_reason() -> None:
    found = proof(("Received", HOP))
    assert (found.is_proven, found.method) == (False, None)
    assert found.detail
