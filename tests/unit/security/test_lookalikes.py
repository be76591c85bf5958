"""What readers take for a name of ours is known, whatever letters it is made of."""

import pytest

from security import contact_points, lookalikes
from security.models.official import ChannelKind

TAKEN_FOR_PHAROS = {
    "Cyrillic а": "ph\u0430ros",
    "Cyrillic о and а": "ph\u0430r\u043es",
    "Greek ο": "phar\u03bfs",
    "zero": "phar0s",
    "mathematical bold": "𝐩𝐡𝐚𝐫𝐨𝐬",
    "accent": "pháros",
    "zero-width": "ph\u200baros",
    "soft hyphen": "pha\u00adros",
    "letter left out": "pharo\u0455",
    "neighbours swapped": "phraos",
    "one more": "pharros",
    "with a word": "pharos-support",
    "spelt apart": "p.h.a.r.o.s",
}


@pytest.mark.parametrize("given", TAKEN_FOR_PHAROS.values(), ids=list(TAKEN_FOR_PHAROS))
def test_looks_like__letters_taken_from_elsewhere__is_seen(given: str) -> None:
    assert lookalikes.looks_like(given, "pharos")


@pytest.mark.parametrize(
    ("given", "ours"), [("paypaI", "paypal"), ("p\u0430yp\u0430l", "paypal"), ("rnodern", "modern")]
)
def test_looks_like__other_names__is_seen(given: str, ours: str) -> None:
    assert lookalikes.looks_like(given, ours)


@pytest.mark.parametrize("given", ["binance", "phone", "harbour", "灯塔", "example"])
def test_looks_like__another_name__is_not(given: str) -> None:
    assert not lookalikes.looks_like(given, "pharos")


READ = {
    "address": (" Support@PHAROS.test ", ChannelKind.EMAIL, "support@pharos.test"),
    "reply address": ("support+abc.def@pharos.test", ChannelKind.EMAIL, "support@pharos.test"),
    "mailto": ("mailto:support@pharos.test?subject=x", ChannelKind.EMAIL, "support@pharos.test"),
    "full width": ("ｓｕｐｐｏｒｔ@pharos.test", ChannelKind.EMAIL, "support@pharos.test"),
    "domain": ("WWW.Pharos.test.", ChannelKind.DOMAIN, "pharos.test"),
    "link to it": ("https://pharos.test/", ChannelKind.DOMAIN, "pharos.test"),
    "link": ("https://pharos.test:443/help/a?b=c#d", ChannelKind.LINK, "pharos.test/help/a"),
    "punycode stays": ("xn--phros-5ve.test", ChannelKind.DOMAIN, "xn--phros-5ve.test"),
    "unicode becomes punycode": ("ph\u0430ros.test", ChannelKind.DOMAIN, "xn--phros-5ve.test"),
    "number": ("+44 (0)20 7946-0018", ChannelKind.PHONE, "+442079460018"),
    "number with 00": ("0044 20 7946 0018", ChannelKind.PHONE, "+442079460018"),
    "tel": ("tel:+442079460018", ChannelKind.PHONE, "+442079460018"),
    "telegram link": ("https://t.me/Pharos_Exchange", ChannelKind.TELEGRAM, "pharos_exchange"),
    "telegram link without scheme": ("t.me/pharos_exchange?start=1", ChannelKind.TELEGRAM, "pharos_exchange"),
    "x": ("https://twitter.com/PharosExchange/status/1", ChannelKind.X, "pharosexchange"),
    "name": ("@Pharos", ChannelKind.OTHER, "pharos"),
}


@pytest.mark.parametrize(("text", "kind", "canonical"), READ.values(), ids=list(READ))
def test_read__as_people_write_it__is_one_form(text: str, kind: str, canonical: str) -> None:
    found = contact_points.read(text)
    assert found is not None
    assert (found.kind, found.canonical) == (kind, canonical)


@pytest.mark.parametrize("text", ["", "   ", "()", "https://"])
def test_read__nothing__is_none(text: str) -> None:
    assert contact_points.read(text) is None


@pytest.mark.parametrize(
    "text", ["https://[::1", "http://\x00", "a@b@c@d", "@" * 400, "\ud800.test", "." * 400, "+" * 30]
)
def test_read__rubbish__never_fails(text: str) -> None:
    contact_points.read(text)
