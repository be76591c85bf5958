"""The one sentence that a ticket opens with, built from checked answers, in the customer's language."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from security.addresses import NETWORKS
from tickets.guided.values import Asset, Value
from tickets.models.guided import GuidedKind

HEAD, TAIL = 8, 6
# From here on the next larger unit says enough.
MINUTES_TO, HOURS_TO = timedelta(hours=2), timedelta(hours=48)


def build(
    *,
    matter: str,
    outcome: str,
    asset: Asset | None,
    values: Mapping[str, Value],
    choices: Sequence[str],
    now: datetime,
) -> str:
    """Return it without a full stop; `values` by kind, `choices` as the customer read them.

    Hashes and addresses are shortened, since they stand whole below; texts are not in it.
    """
    pieces = [_head(matter, asset, values.get(GuidedKind.AMOUNT)), *choices]
    for kind, words in (
        (GuidedKind.NETWORK, _("meant for %(what)s")),
        (GuidedKind.TX_HASH, _("transaction %(what)s")),
        (GuidedKind.FROM_ADDRESS, _("from %(what)s")),
        (GuidedKind.TO_ADDRESS, _("to %(what)s")),
        (GuidedKind.TAG, _("tag %(what)s")),
    ):
        value = values.get(kind)
        # Of tags only numbers: in a subject no stranger's words travel.
        if value is not None and (kind != GuidedKind.TAG or value.text.isdigit()):
            pieces.append(words % {"what": shortened(value.text)})
    time = values.get(GuidedKind.TIME)
    if time is not None:
        words = pgettext("a transfer", "sent %(time)s UTC") if asset else pgettext("an event", "on %(time)s UTC")
        pieces.append(words % {"time": time.text})
    if outcome:
        said = {"outcome": outcome, "time": _since(time, now) if time else ""}
        pieces.append(_("%(outcome)s after %(time)s") % said if time else outcome)
    joined = pgettext("between parts of a sentence", ", ").join(pieces)
    return joined[:1].upper() + joined[1:]


def shortened(text: str) -> str:
    """Return the ends of what is too long to be read out."""
    return text if len(text) <= HEAD + TAIL + 2 else f"{text[:HEAD]}…{text[-TAIL:]}"


def _head(matter: str, asset: Asset | None, amount: Value | None) -> str:
    if asset is None:
        return matter if amount is None else _("%(amount)s, %(matter)s") % {"amount": amount.text, "matter": matter}
    said = {
        "what": f"{amount.text} {asset.symbol}" if amount else asset.symbol,
        "matter": matter,
        "network": NETWORKS[asset.network].name,
    }
    return _("%(what)s %(matter)s on %(network)s") % said


def _since(time: Value, now: datetime) -> str:
    passed = max(now - datetime.fromisoformat(time.text).replace(tzinfo=UTC), timedelta())
    if passed < MINUTES_TO:
        count = passed // timedelta(minutes=1)
        return ngettext("%(count)s minute", "%(count)s minutes", count) % {"count": count}
    if passed < HOURS_TO:
        count = passed // timedelta(hours=1)
        return ngettext("%(count)s hour", "%(count)s hours", count) % {"count": count}
    count = passed // timedelta(days=1)
    return ngettext("%(count)s day", "%(count)s days", count) % {"count": count}
