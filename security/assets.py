"""Assets that are traded here: on which networks, and how many decimals an amount may have there."""

from collections.abc import Mapping

_ETHER = dict.fromkeys(("ethereum", "arbitrum", "base", "optimism"), 18)
ASSETS: Mapping[str, Mapping[str, int]] = {
    "BTC": {"bitcoin": 8},
    "ETH": _ETHER,
    "USDT": {
        **dict.fromkeys(("ethereum", "tron", "solana", "ton", "arbitrum", "avalanche", "optimism", "polygon"), 6),
        "bsc": 18,
    },
    "USDC": {
        **dict.fromkeys(("ethereum", "solana", "arbitrum", "avalanche", "base", "optimism", "polygon"), 6),
        "stellar": 7,
        "bsc": 18,
    },
    "XRP": {"ripple": 6},
    "SOL": {"solana": 9},
    "TRX": {"tron": 6},
    "TON": {"ton": 9},
    "LTC": {"litecoin": 8},
    "DOGE": {"dogecoin": 8},
    "BCH": {"bitcoin-cash": 8},
    "XLM": {"stellar": 7},
    "BNB": {"bsc": 18},
    "AVAX": {"avalanche": 18},
    "POL": {"polygon": 18, "ethereum": 18},
}
MOST_DECIMALS = 18


def decimals(asset: str, network: str) -> int:
    """Return how many decimals an amount may have; of a pair that is not known, the most that any asset has."""
    return ASSETS.get(asset, {}).get(network, MOST_DECIMALS)
