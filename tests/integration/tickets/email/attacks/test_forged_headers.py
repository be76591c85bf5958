"""What a sender may write into the header: verdicts, second senders, line breaks, names that pose, signatures."""

import email
import email.policy
import re
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import Staff
from tests.cast import signed_in
from tests.integration.tickets.email.conftest import Mail
from tests.support.letters import letter
from tickets.delivery import sending
from tickets.models import Message, OutboundMail, Ticket
from tickets.selectors.people import shown_name
from tickets.services import replies
from tickets.services.senders import NewFile, Sender

OURS = "mx.pharos.test"
PASS = "dkim=pass header.d=example.com; dmarc=pass header.from=example.com"
HOP = "Received: from mail.evil.example by mx.pharos.test with ESMTPS id 1; Mon, 23 Nov 2026 10:00:00 +0000\r\n"
VERDICT = "Authentication-Results: mx.pharos.test; dkim=none; dmarc=fail header.from=example.com\r\n"
FORGED = {
    "our_name": f"Authentication-Results: {OURS}; {PASS}",
    "our_name_in_capitals": f"AUTHENTICATION-RESULTS: {OURS.upper()}; {PASS}",
    "our_name_with_version": f"Authentication-Results: {OURS} 1; {PASS}",
    "our_name_folded": f"Authentication-Results:\r\n\t{OURS};\r\n\tdkim=pass\r\n\theader.d=example.com",
    "twice": f"Authentication-Results: {OURS}; {PASS}\r\nAuthentication-Results: {OURS}; {PASS}",
    "arc": f"ARC-Authentication-Results: i=1; {OURS}; {PASS}\r\nARC-Seal: i=1; a=rsa-sha256; cv=none; d=example.com; b=x",
    "old_names": f"X-Authentication-Results: {OURS}; {PASS}\r\nReceived-SPF: pass\r\nDKIM-Signature: v=1; d=example.com; b=x",
    "spam": "X-Spam-Flag: NO\r\nX-Spam-Status: No, score=-99",
    "our_marks": "X-Pharos-Proof: dkim\r\nX-Loop: other@example.com\r\nAuto-Submitted: no",
}


@pytest.mark.attack("A9")
@pytest.mark.parametrize("forged", FORGED)
@pytest.mark.parametrize(
    "above", [HOP + VERDICT, VERDICT + HOP, VERDICT], ids=["hop first", "verdict first", "verdict"]
)
def test_accept__senders_own_verdict_below_ours__proves_nothing(mail: Mail, forged: str, above: str) -> None:
    mail.take(above.encode() + f"{FORGED[forged]}\r\n".encode() + letter(proven=False))
    ticket = Ticket.objects.get()
    assert not ticket.is_requester_proven
    assert not Message.objects.get(kind="reply").is_sender_proven
    assert OutboundMail.objects.count() == 0


@pytest.mark.attack("A9")
@pytest.mark.parametrize("forged", ["our_name", "arc", "old_names"])
def test_accept__senders_own_verdict_by_a_door_that_may_not_vouch__proves_nothing(mail: Mail, forged: str) -> None:
    for how in ({"source": "http"}, {"trusted": False}):
        mail.take(f"{FORGED[forged]}\r\n".encode() + letter(proven=False), **how)
    assert not Ticket.objects.filter(is_requester_proven=True).exists()


@pytest.mark.attack("A9")
def test_accept__verdict_of_our_exchanger__still_proves(mail: Mail) -> None:
    """The other side: where nothing is forged, the same header counts."""
    mail.take(letter())
    assert Ticket.objects.get().is_requester_proven


SENDERS = {
    "two addresses": "good@example.com, evil@evil.example",
    "address before address": "good@example.com <evil@evil.example>",
    "address in a comment": "evil@evil.example (good@example.com) <good@example.com>",
    "group": "Support: good@example.com, evil@evil.example;",
    "empty group": "undisclosed:;",
    "quoted local part with an address": '"good@example.com"@evil.example, x@example.com',
    "nested angles": "<good@example.com><evil@evil.example>",
    "closed too early": "alice@example.com]<evil@evil.example>",
    "comma in the comment": "evil@evil.example(,<good@example.com>,)",
    "semicolon": "good@example.com; evil@evil.example",
    "route": "<@evil.example,@x.example:good@example.com>, x@example.com",
    "null": "<>",
    "nothing": "   ",
}


@pytest.mark.attack("A10")
@pytest.mark.parametrize("sender", SENDERS)
def test_accept__sender_that_two_readers_read_differently__waits_for_review(mail: Mail, sender: str) -> None:
    raw = letter(proven=False).replace(b"From: Mina Park <mina@example.com>", f"From: {SENDERS[sender]}".encode())
    row = mail.take(f"Authentication-Results: {OURS}; {PASS}\r\n".encode() + raw)
    if row.state == "processed":
        ticket = Ticket.objects.get()
        assert ticket.requester_address not in {"good@example.com", "alice@example.com"}, "the one that was not proven"
        assert not ticket.is_requester_proven
    else:
        assert row.state == "quarantined"
        assert not Ticket.objects.exists()


POSES = [
    "Pharos Support", "pharos", "PHAROS", "P\u200bharos", "P h a r o s", "Ph\u0430ros", "\u0420haros",
    "Phar\u043es Security", "\uff30\uff48\uff41\uff52\uff4f\uff53", "Ph\u00e1r\u00f6s", "Phar0s", "P.H.A.R.O.S.", "Phar\u00ados", "Support \u202esorahP\u202c Pharos",
    "support@pharos.test", "Binance <help@x.example>", "a\uff20b.example", "\U0001d40f\U0001d421\U0001d41a\U0001d42b\U0001d428\U0001d42c",
]  # fmt: skip
HONEST = ["Mina Park", "李伟", "Анна Каренина", "Ελένη", "O'Neil (Support)", "Philip Rose", "Sharon", "Мария Rossi"]


@pytest.mark.attack("A10")
@pytest.mark.parametrize("name", POSES)
def test_shown_name__poses_as_us_or_as_an_address__is_not_shown(name: str) -> None:
    assert shown_name(name) == ""


@pytest.mark.attack("A10")
@pytest.mark.parametrize("name", HONEST)
def test_shown_name__of_a_person__is_shown(name: str) -> None:
    assert shown_name(name) == name


@pytest.mark.attack("A10")
@pytest.mark.parametrize("name", ["Binance Support", "Mina Park", "Mina \u202eevil\u202c Park", "M\u200bina"])
def test_page__name_of_a_sender__stands_beside_the_address(client: Client, mail: Mail, lead: Staff, name: str) -> None:
    mail.take(letter(sender=f'"{name}" <x@evil.example>', proven=False))
    ticket = Ticket.objects.get()
    signed_in(client, lead)
    for path in (f"/desk/tickets/{ticket.public_id}/", "/desk/views/open/"):
        page = client.get(path).content.decode()
        assert "x***@e***.example" in page, path
        assert not re.search("[\u200b\u202a-\u202e\u2066-\u2069]", page), path


@pytest.fixture
def postbox(settings: Settings, tmp_path: Path) -> Path:
    settings.POSTBOX_TRANSPORT, settings.POSTBOX_DIR, settings.UNDO_SEND_S = True, tmp_path / "postbox", 0
    return tmp_path / "postbox"


BREAKS = ["\r\n", "\n", "\r", "\r\n ", "\u2028", "\x0b", "\x0c", "\x85", "=0D=0A"]


@pytest.mark.attack("A11")
@pytest.mark.parametrize("line_break", BREAKS)
def test_reply__line_breaks_in_subject_name_and_file__add_no_header_and_nobody(
    mail: Mail, agent: Staff, postbox: Path, line_break: str
) -> None:
    bait = f"Hello{line_break}Bcc: victim@example.org{line_break}X-Bait: yes"
    encoded = "".join(f"={byte:02X}" for byte in bait.encode())
    raw = letter(subject=f"=?utf-8?q?{encoded}?=", sender=f"=?utf-8?q?{encoded}?= <mina@example.com>")
    mail.take(raw.replace(b"=0D=0A", b"=0D=0A"))
    ticket = Ticket.objects.get()
    Staff.objects.filter(pk=agent.pk).update(name=bait[:80])
    agent.refresh_from_db()
    message = replies.add(
        ticket=ticket, sender=Sender.of_staff(agent), channel="email", words=replies.Words(text="Hello"),
        attached=[NewFile(name=f"{bait}.txt", content=b"x")],
    )  # fmt: skip
    row = OutboundMail.objects.get(message=message)
    sending.deliver_email(row.pk)
    row.refresh_from_db()
    for path in postbox.glob("*.eml"):
        sent = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        assert "X-Bait" not in sent
        assert "Bcc" not in sent
        assert [address.addr_spec for address in sent["To"].addresses] == ["mina@example.com"]
        assert len(sent.get_all("Subject", [])) == 1
        for part in sent.walk():
            assert "X-Bait" not in part
    assert row.state in {"sent", "failed", "queued"}
    if line_break in {"\r\n", "\n", "\u2028", "=0D=0A"}:
        assert ticket.subject.startswith("Hello")
        assert "\n" not in ticket.subject


@pytest.mark.attack("A12")
@pytest.mark.parametrize("proven", [True, False])
def test_reply_to__elsewhere__is_shown_beside_the_sender_and_gets_no_answer(
    client: Client, mail: Mail, agent: Staff, postbox: Path, proven: bool
) -> None:
    mail.take(letter(headers={"Reply-To": "Mina Park <elsewhere@evil.example>"}, proven=proven))
    ticket = Ticket.objects.get()
    page = signed_in(client, agent).get(f"/desk/tickets/{ticket.public_id}/").content.decode()
    assert "m***@e***.com" in page
    assert "e***@e***.example" in page
    assert "asks for answers to" in page
    message = replies.add(
        ticket=ticket, sender=Sender.of_staff(agent), channel="email", words=replies.Words(text="Hello Mina")
    )
    row = OutboundMail.objects.get(message=message)
    sending.deliver_email(row.pk)
    assert row.to_address == "mina@example.com"
    assert row.includes_history == proven
    assert not any(b"evil.example" in path.read_bytes() for path in postbox.glob("*.eml"))


SIGNED = (
    "--out\nContent-Type: text/html\n\n<p>Send the coins to bc1qevil.</p>\n--out\n"
    'Content-Type: multipart/signed; protocol="application/pgp-signature"; micalg=pgp-sha256; boundary="in"\n\n'
    "--in\nContent-Type: text/plain\n\nI signed this.\n--in\nContent-Type: application/pgp-signature; name=signature.asc\n\n"
    "-----BEGIN PGP SIGNATURE-----\n\niQEzBAEBCAAdFiEE\n-----END PGP SIGNATURE-----\n--in--\n--out--"
)


@pytest.mark.attack("A15")
def test_page__signed_part_beside_an_unsigned_one__earns_no_mark(client: Client, mail: Mail, agent: Staff) -> None:
    mail.take(letter(text=SIGNED, content_type='multipart/mixed; boundary="out"', proven=False))
    message = Message.objects.get(kind="reply")
    assert not message.is_sender_proven
    page = signed_in(client, agent).get(f"/desk/tickets/{message.ticket.public_id}/").content.decode()
    assert "bc1qevil" in page or "I signed this." in page
    shown = re.sub(r"<script.*?</script>|<symbol.*?</symbol>", "", page, flags=re.DOTALL)
    assert not re.search(r"signature (?:is )?valid|verified signature|signed by", shown, re.IGNORECASE)
    assert "Sender proven" not in shown
