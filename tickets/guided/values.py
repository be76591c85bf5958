"""Reading what was answered, by kind: written canonically, or one sentence that says what is wrong. Never a guess."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils import translation
from django.utils.translation import gettext as _

from core import time_zones
from security import addresses, assets, transactions
from security.redaction import redact

MOST_DIGITS, MOST_TEXT = 30, 2000
ASSET = re.compile(r"[A-Z0-9]{1,12}")
AMOUNT = re.compile(r"(\d+)(?:\.(\d+))?", re.ASCII)
# The first block of Bitcoin; and clocks that are a little ahead.
EARLIEST, AHEAD = datetime(2009, 1, 3, tzinfo=UTC), timedelta(minutes=10)
UTC_NAME = "UTC"


class AnswerRefused(Exception):
    """An answer that cannot be taken; the sentence says why and never repeats it."""


@dataclass(frozen=True, slots=True)
class Asset:
    """What was sent, by its short name, and on which network (by the short name of `security.addresses`)."""

    symbol: str
    network: str


@dataclass(frozen=True, slots=True)
class Value:
    """One answer that was taken: canonically, its network, if it has one, and a note for the desk, in English."""

    text: str
    network: str = ""
    note: str = ""


def asset(text: str) -> Asset:
    """Read `USDT@tron`. Raises AnswerRefused."""
    symbol, _at, network = text.partition("@")
    symbol = symbol.strip().upper()
    if not ASSET.fullmatch(symbol):
        raise AnswerRefused(_("Name the asset by its short name, such as USDT."))
    if network not in addresses.NETWORKS:
        raise AnswerRefused(_("Choose the network, too: the same asset is on several."))
    return Asset(symbol, network)


def amount(text: str, of: Asset | None) -> Value:
    """Read a plain decimal number, with as many decimals as the asset has on its network. Raises AnswerRefused."""
    found = AMOUNT.fullmatch(text)
    if found is None:
        sentence = _("Write the amount in digits, with a point before decimals and nothing between thousands: 1250.5.")
        raise AnswerRefused(sentence)
    if len(text) > MOST_DIGITS:
        raise AnswerRefused(_("This amount has more digits than any asset has."))
    decimals = assets.decimals(of.symbol, of.network) if of else assets.MOST_DECIMALS
    if len((found[2] or "").rstrip("0")) > decimals:
        asset_name = of.symbol if of else _("An asset")
        raise AnswerRefused(_("%(asset)s has at most %(count)s decimals.") % {"asset": asset_name, "count": decimals})
    number = Decimal(text)
    if not number:
        raise AnswerRefused(_("The amount is more than nothing."))
    whole, _point, decimal = format(number, "f").partition(".")
    return Value(whole + (f".{rest}" if (rest := decimal.rstrip("0")) else ""))


def tx_hash(text: str, of: Asset | None) -> Value:
    """Read a transaction hash of the network. Raises AnswerRefused."""
    network = _network_of(of)
    found = transactions.check(network, text)
    if isinstance(found, str):
        raise AnswerRefused(found)
    return Value(found.text, network)


def address(text: str, of: Asset | None) -> Value:
    """Read an address of the network. Raises AnswerRefused."""
    network = _network_of(of)
    found = addresses.check(network, text)
    if isinstance(found, str):
        raise AnswerRefused(found)
    with translation.override("en"):
        notes = addresses.NETWORKS[network].read(text).notes
    return Value(found.destination, network, " ".join(notes))


def tag(text: str, of: Asset | None) -> Value:
    """Read a tag, memo or comment of the network. Raises AnswerRefused."""
    network = _network_of(of)
    found = addresses.check_tag(network, text)
    if isinstance(found, str):
        raise AnswerRefused(found)
    _refuse_secret(found.text)
    return Value(found.text, network)


def network(text: str) -> Value:
    """Read the short name of a network. Raises AnswerRefused."""
    if text not in addresses.NETWORKS:
        raise AnswerRefused(_("This network is not known here. Choose one from the list."))
    return Value(addresses.NETWORKS[text].name, text)


def time(text: str, now: datetime) -> Value:
    """Read `2026-11-28T14:02@Europe/Paris` and write it in UTC, as `2026-11-28 14:02`. Raises AnswerRefused."""
    written, _at, name = text.partition("@")
    if name not in time_zones.names():
        raise AnswerRefused(_("Choose the time zone, too."))
    try:
        local = datetime.strptime(written[:16], "%Y-%m-%dT%H:%M")  # noqa: DTZ007 -- its zone is told beside it
    except ValueError:
        raise AnswerRefused(_("Write date and time as 2026-11-28 14:02.")) from None
    zone = ZoneInfo(name)
    moments = {local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
    there = {moment for moment in moments if moment.astimezone(zone).replace(tzinfo=None) == local}
    if not there:
        raise AnswerRefused(_("There was no such time in this zone: its clocks were set forward. Give it in UTC."))
    if len(there) > 1:
        raise AnswerRefused(_("This time came twice in this zone: its clocks were set back. Give it in UTC."))
    moment = there.pop()
    if moment > now + AHEAD:
        raise AnswerRefused(_("This time has yet to come. Look at the date and the time zone again."))
    if moment < EARLIEST:
        raise AnswerRefused(_("There was nothing to be sent yet at this time. Look at the date again."))
    return Value(f"{moment:%Y-%m-%d %H:%M}")


def plain(text: str) -> Value:
    """Take a text as it is, with secrets masked."""
    return Value(redact(text[:MOST_TEXT]).text)


def _network_of(of: Asset | None) -> str:
    if of is None:
        raise AnswerRefused(_("Choose asset and network first: they say how this is read."))
    return of.network


def _refuse_secret(text: str) -> None:
    if redact(text).findings:
        raise AnswerRefused(str(addresses.SECRET))
