"""Reply addresses, Message-IDs and bounce addresses that only we can make."""

import pytest

from tickets.channels.email import tokens

KEY, OLD_KEY = b"k" * 32, b"o" * 32
TICKET, MESSAGE = "abcdefghij234567klmn", "zyxwvutsrq765432mlkj"


def test_reply_address__made_and_read__names_the_ticket() -> None:
    address = tokens.reply_address("Support@Pharos.example", TICKET, KEY)
    local, _, domain = address.partition("@")
    assert (len(local) <= 64, domain) == (True, "pharos.example")
    assert address == address.lower()
    assert local.startswith(f"support+{TICKET}.")
    assert tokens.ticket_from_address(address, [KEY]) == TICKET


@pytest.mark.parametrize("mangle", [str.upper, str.title, lambda address: f" {address} "])
def test_ticket_from_address__case_folded_or_padded__still_ours(mangle: object) -> None:
    address = tokens.reply_address("support@pharos.example", TICKET, KEY)
    assert callable(mangle)
    assert tokens.ticket_from_address(mangle(address), [KEY]) == TICKET


def test_ticket_from_address__key_rotated__old_addresses_live_on() -> None:
    address = tokens.reply_address("support@pharos.example", TICKET, OLD_KEY)
    assert tokens.ticket_from_address(address, [KEY, OLD_KEY]) == TICKET
    assert tokens.ticket_from_address(address, [KEY]) is None


def test_ticket_from_address__every_changed_character__refused() -> None:
    address = tokens.reply_address("support@pharos.example", TICKET, KEY)
    start, end = address.index("+") + 1, address.index("@")
    for position in range(start, end):
        changed = "b" if address[position] == "a" else "a"
        forged = address[:position] + changed + address[position + 1 :]
        assert tokens.ticket_from_address(forged, [KEY]) is None, position


@pytest.mark.parametrize(
    "address",
    ["support@pharos.example", f"support+{TICKET}@pharos.example", "support+1042@pharos.example", "", "a" * 5_000,
     f"support+{TICKET}.{'a' * 16}@pharos.example", f"support+{TICKET}.\u0131@pharos.example"],
)  # fmt: skip
def test_ticket_from_address__unsigned__refused(address: str) -> None:
    assert tokens.ticket_from_address(address, [KEY]) is None


def test_purposes__kept_apart() -> None:
    reply = tokens.reply_address("support@pharos.example", TICKET, KEY)
    bounce = tokens.bounce_address("bounces@pharos.example", TICKET, KEY)
    assert tokens.message_from_bounce_address(bounce, [KEY]) == TICKET
    assert tokens.message_from_bounce_address(reply, [KEY]) is None
    assert tokens.ticket_from_address(bounce, [KEY]) is None


def test_message_id__same_message__same_identifier() -> None:
    first = tokens.message_id("Mail.Pharos.example", MESSAGE, TICKET, [KEY, OLD_KEY])
    assert first == tokens.message_id("mail.pharos.example", MESSAGE, TICKET, [KEY])
    assert first.startswith("<")
    assert first.endswith("@mail.pharos.example>")
    assert tokens.read_message_id(first, [OLD_KEY, KEY]) == (TICKET, MESSAGE)
    assert tokens.read_message_id(first.upper(), [KEY]) == (TICKET, MESSAGE)
    assert tokens.read_message_id(first, [OLD_KEY]) is None


def test_read_message_id__ids_swapped_or_foreign__refused() -> None:
    value = tokens.message_id("pharos.example", MESSAGE, TICKET, [KEY])
    assert tokens.read_message_id(value.replace(TICKET, MESSAGE), [KEY]) is None
    assert tokens.read_message_id("<CAF=abc@mail.gmail.com>", [KEY]) is None
    assert tokens.read_message_id(value, []) is None


@pytest.mark.parametrize(
    ("mailbox", "public_id", "key"),
    [
        ("support+x@pharos.example", TICKET, KEY),
        ("a" * 30 + "@pharos.example", TICKET, KEY),
        ("support", TICKET, KEY),
        ("support@pharos.example\r\nBcc: x", TICKET, KEY),
        ("support@pharos.example", "Has.Dots", KEY),
        ("support@pharos.example", TICKET, b"short"),
    ],
)
def test_reply_address__cannot_be_made__value_error(mailbox: str, public_id: str, key: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        tokens.reply_address(mailbox, public_id, key)


def test_message_id__without_key_or_domain__value_error() -> None:
    with pytest.raises(ValueError, match="no signing key"):
        tokens.message_id("pharos.example", MESSAGE, TICKET, [])
    with pytest.raises(ValueError, match="not a domain"):
        tokens.message_id("pharos.example>\r\n", MESSAGE, TICKET, [KEY])
