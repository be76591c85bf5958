"""Values that fill a conversation's blanks: hashes, addresses, amounts, order numbers, places."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from helpdesk.demo.secrets_sent import card_number, seed_phrase

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_HEX = "0123456789abcdef"
_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@dataclass(frozen=True, slots=True)
class Asset:
    """One coin: its dollar price, how many decimals people write, and the networks it travels on."""

    price: float
    decimals: int
    networks: tuple[str, ...]


ASSETS = {
    "BTC": Asset(71_400, 5, ("Bitcoin",)),
    "ETH": Asset(2_620, 4, ("Ethereum", "Arbitrum One", "Base")),
    "USDT": Asset(1, 2, ("Tron (TRC-20)", "Ethereum (ERC-20)", "BNB Smart Chain (BEP-20)", "Tron (TRC-20)")),
    "USDC": Asset(1, 2, ("Ethereum (ERC-20)", "Solana", "Base", "Polygon")),
    "SOL": Asset(163, 3, ("Solana",)),
    "LTC": Asset(78, 3, ("Litecoin",)),
    "XRP": Asset(0.58, 1, ("XRP Ledger",)),
    "XLM": Asset(0.11, 0, ("Stellar",)),
    "TON": Asset(5.1, 2, ("TON",)),
    "ATOM": Asset(6.3, 2, ("Cosmos Hub",)),
    "DOGE": Asset(0.17, 0, ("Dogecoin",)),
    "ADA": Asset(0.41, 0, ("Cardano",)),
}
# Networks whose addresses look alike, as people confuse them.
_SAME_ADDRESS = (
    ("BNB Smart Chain (BEP-20)", "Ethereum (ERC-20)"),
    ("Polygon", "Ethereum (ERC-20)"),
    ("Arbitrum One", "Ethereum (ERC-20)"),
    ("Base", "BNB Smart Chain (BEP-20)"),
)
_SHORT = {
    "Tron (TRC-20)": "TRC-20",
    "Ethereum (ERC-20)": "ERC-20",
    "BNB Smart Chain (BEP-20)": "BEP-20",
    "Arbitrum One": "Arbitrum",
}
_PAIRS = {
    "BTC/USDT": 71_400.0,
    "ETH/USDT": 2_620.0,
    "SOL/USDT": 163.0,
    "BTC/EUR": 66_100.0,
    "XRP/USDT": 0.58,
    "ETH/EUR": 2_425.0,
    "LINK/USDT": 11.4,
}
_CITIES = {
    "en": ("Lisbon", "Manchester", "Denver", "Bangalore", "Lagos", "Rotterdam", "Cebu", "Leeds", "Austin", "Naples"),
    "zh": ("新加坡", "吉隆坡", "迪拜", "曼谷", "东京"),
    "es": ("Valencia", "Bogotá", "Sevilla", "Montevideo"),
    "pt": ("Recife", "Curitiba", "Porto"),
    "ru": ("Алматы", "Тбилиси", "Ереван"),
    "de": ("Leipzig", "Graz", "Bremen"),
}
_FAR_CITIES = {
    "en": ("Minsk", "Jakarta", "Caracas", "Kyiv", "Ho Chi Minh City", "Bucharest"),
    "zh": ("雅加达", "布加勒斯特", "基辅"),
}
_LATIN_FAR = ("Jakarta", "Bucarest", "Caracas")
_DEVICES = ("Pixel 8", "iPhone 13", "iPhone 15", "Galaxy S22", "Redmi Note 12", "iPhone SE", "Galaxy A54", "Pixel 6a")
_BROWSERS = ("Firefox 132", "Chrome 131", "Safari 18", "Edge 130", "Brave")
_SYSTEMS = ("Windows 11", "macOS 15", "Ubuntu 24.04", "Windows 10", "a Chromebook")
_SITES = (
    "pharos-verify.example",
    "pharos-login.example",
    "pharos-secure.test",
    "pharos.support-desk.example",
    "ph4ros.example",
    "pharos-wallet.test",
)
_HANDLES = ("@pharos_help_desk", "@PharosSupportTeam", "@pharos_official1", "@PharosHelpdeskBot", "@ph4ros_support")
_ERRORS = ("-1022 INVALID_SIGNATURE", "401 invalid signature", "-1021 TIMESTAMP", "EW-209", "403 KEY_RESTRICTED")


def fill_values(random: Random, *, topic: str, assets: tuple[str, ...], language: str, at: datetime) -> dict[str, str]:
    """Return a value for every slot, the same throughout one conversation."""
    asset = random.choice(assets or ("BTC", "ETH", "USDT", "SOL"))
    network = random.choice(ASSETS[asset].networks)
    network2 = network
    if topic == "deposits.wrong_network" and asset != "ETH":
        network, network2 = random.choice(_SAME_ADDRESS)
    txid = transaction_hash(random, network)
    usd = _money(random, 300, 60_000)
    values = {
        "asset": asset,
        "network": network,
        "network2": network2,
        "network_short": _SHORT.get(network, network),
        "network2_short": _SHORT.get(network2, network2),
        "amount": _amount(random, asset, *((250_000, 4_000_000) if topic == "business.otc" else (40, 22_000))),
        "txid": txid,
        "txid_short": f"{txid[:6]}…{txid[-6:]}",
        "addr": address(random, network),
        "to": address(random, network2),
        "memo": str(random.randint(10_000_000, 999_999_999)),
        "usd": _grouped(usd, language),
        "eur": _grouped(_money(random, 60, 15_000), language),
    }
    return (
        values
        | _numbers(random)
        | _market(random)
        | _places(random, language)
        | _times(random, language, at)
        | _traps(random)
    )


def transaction_hash(random: Random, network: str) -> str:
    """Return a hash that looks like one of `network`."""
    if network == "Solana":
        return _letters(random, _BASE58, 88)
    if network.startswith(("Ethereum", "BNB", "Arbitrum", "Base", "Polygon")):
        return "0x" + _letters(random, _HEX, 64)
    if network in {"XRP Ledger", "Cosmos Hub"}:
        return _letters(random, _HEX, 64).upper()
    return _letters(random, _HEX, 64)


def address(random: Random, network: str) -> str:
    """Return an address that looks like one of `network`; its checksum is nobody's."""
    shapes = {
        "Bitcoin": ("bc1q", _BECH32, 38),
        "Litecoin": ("ltc1q", _BECH32, 38),
        "Tron (TRC-20)": ("T", _BASE58, 33),
        "Solana": ("", _BASE58, 44),
        "XRP Ledger": ("r", _BASE58, 33),
        "Stellar": ("G", _BASE32, 55),
        "TON": ("UQ", _BASE64, 46),
        "Cosmos Hub": ("cosmos1", _BECH32, 38),
        "Dogecoin": ("D", _BASE58, 33),
        "Cardano": ("addr1q", _BECH32, 52),
    }
    prefix, alphabet, length = shapes.get(network, ("0x", _HEX, 40))
    return prefix + _letters(random, alphabet, length)


def _letters(random: Random, alphabet: str, count: int) -> str:
    return "".join(random.choices(alphabet, k=count))


def _money(random: Random, low: float, high: float) -> float:
    """Return an amount spread evenly over the orders of magnitude, mostly round as people write them."""
    value = low * (high / low) ** random.random()
    return float(round(value, -2 if value > 2000 else -1)) if random.random() < 0.6 else round(value, 2)


def _amount(random: Random, asset: str, low: float, high: float) -> str:
    """Return an amount of `asset` worth between `low` and `high` dollars."""
    coin = ASSETS[asset]
    value = _money(random, low, high) / coin.price
    decimals = coin.decimals if random.random() < 0.6 else max(0, coin.decimals - 2)
    decimals = 0 if value > 2000 else decimals
    text = f"{max(value, 10.0**-decimals):.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _grouped(value: float, language: str) -> str:
    text = f"{value:,.2f}" if value % 1 else f"{value:,.0f}"
    if language in {"de", "es", "pt", "tr", "vi"}:
        return text.replace(",", " ").replace(".", ",").replace(" ", ".")
    return text.replace(",", " ") if language == "ru" else text


def _numbers(random: Random) -> dict[str, str]:
    return {
        "wid": f"W-{_letters(random, '0123456789ABCDEFGHJKMNPQRSTVWXYZ', 7)}",
        "order": str(random.randint(10**9, 10**10 - 1)),
        "uid": str(random.randint(10_000_000, 79_999_999)),
        "ref": f"PX-{random.randint(100_000, 999_999)}",
        "hours": str(random.choice((3, 4, 5, 6, 7, 9, 11, 14, 18, 20, 26, 30))),
        "days": str(random.choice((3, 4, 5, 6, 8, 9, 12))),
        "fee": random.choice(("0.06", "0.08", "0.05", "0.075")),
        "appver": f"{random.randint(6, 7)}.{random.randint(2, 31)}",
        "errcode": random.choice(_ERRORS),
        "device": random.choice(_DEVICES),
        "browser": random.choice(_BROWSERS),
        "os": random.choice(_SYSTEMS),
    }


def _market(random: Random) -> dict[str, str]:
    pair, base = random.choice(tuple(_PAIRS.items()))
    price = base * random.uniform(0.93, 1.07)
    decimals = 4 if base < 5 else 2 if base < 5000 else 0
    return {
        "pair": pair,
        "price": f"{price:,.{decimals}f}",
        "price2": f"{price * random.uniform(0.93, 0.97):,.{decimals}f}",
    }


def _places(random: Random, language: str) -> dict[str, str]:
    return {
        "city": random.choice(_CITIES.get(language, _CITIES["en"])),
        "city2": random.choice(_FAR_CITIES.get(language, _LATIN_FAR)),
        "ip": f"{random.choice(('203.0.113', '198.51.100'))}.{random.randint(2, 250)}",
    }


def _times(random: Random, language: str, at: datetime) -> dict[str, str]:
    earlier = at - timedelta(minutes=random.randint(40, 600))
    return {
        "time": earlier.strftime("%H:%M"),
        "date": written_date(at - timedelta(days=random.randint(1, 6)), language, random),
        "date_later": written_date(at + timedelta(days=random.randint(7, 16)), language, random),
    }


def written_date(day: datetime, language: str, random: Random) -> str:
    """Return the day as people of that language jot it down."""
    shapes = {
        "en": ("{d} {b}", "{b} {d}", "the {d}th" if 4 <= day.day <= 20 else "{d} {b}"),
        "zh": ("{m}月{d}日", "{m}月{d}号"),
        "ja": ("{m}月{d}日",),
        "ko": ("{m}월 {d}일",),
        "de": ("{d}.{m}.", "{d}.{m}.{y}"),
        "ru": ("{d}.{m:02d}",),
        "tr": ("{d}.{m:02d}",),
    }
    shape = random.choice(shapes.get(language, ("{d}/{m}",)))
    return shape.format(d=day.day, m=day.month, y=day.year, b=day.strftime("%b"))


def _traps(random: Random) -> dict[str, str]:
    site = random.choice(_SITES)
    return {
        "site": site,
        "badmail": f"{random.choice(('security', 'no-reply', 'support', 'team'))}@{site}",
        "handle": random.choice(_HANDLES),
        "seed_phrase": seed_phrase(random),
        "card": card_number(random),
    }
