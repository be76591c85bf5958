"""Transaction hashes: published ones of each network, and every near miss with its sentence."""

from security.addresses import NETWORKS, check_tag
from security.addresses.found import Read
from security.transactions import Hash, check

# The first transaction of Bitcoin, and of Ethereum; a signature of Solana's documentation.
BITCOIN = "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b"
ETHEREUM = "0x5c504ed432cb51138bcf09aa5e8a410dd4a1e204ef84bfed1be16dfba1b22060"
SOLANA = "5VERv8NMvzbJMEkV8xnrLkEaWRtSz9CosKDYjCJjBRnbJLgp8uirBgmQpjKhoR4tjF3ZpRzrFmBV6UjKdiSZkQUW"
WIF = "KwDiBf89QgGbjEhKnhXJuH7LrciVrZi3qYjgd9M7rFU73sVHnoWn"
GOOD = [
    ("bitcoin", BITCOIN.upper(), BITCOIN),
    ("litecoin", BITCOIN, BITCOIN),
    ("dogecoin", BITCOIN, BITCOIN),
    ("tron", BITCOIN, BITCOIN),
    ("ripple", BITCOIN, BITCOIN.upper()),
    ("ethereum", ETHEREUM.replace("c", "C"), ETHEREUM),
    ("bsc", ETHEREUM, ETHEREUM),
    ("solana", SOLANA, SOLANA),
    ("ton", BITCOIN.upper(), BITCOIN),
    ("ton", "Sl4eS6q4nzoyUYqIwxvIf2GPdmc+LMd6shJ7ev3tozs=", BITCOIN),
    ("ton", "Sl4eS6q4nzoyUYqIwxvIf2GPdmc-LMd6shJ7ev3tozs", BITCOIN),
]
BAD = [
    ("bitcoin", BITCOIN[:-1], "no transaction hash of Bitcoin"),
    ("bitcoin", BITCOIN[:-1] + "g", "no transaction hash of Bitcoin"),
    ("bitcoin", "0" * 64, "no transaction hash of Bitcoin"),
    ("bitcoin", ETHEREUM, "these do: Ethereum, Arbitrum One"),
    ("bitcoin", SOLANA, "these do: Solana"),
    ("bitcoin", "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH", "the address of a wallet"),
    ("bitcoin", f"https://explorer.example/tx/{BITCOIN}", "the address of a page"),
    ("bitcoin", WIF, "is a key"),
    ("ethereum", ETHEREUM[2:], "begins with 0x"),
    ("solana", SOLANA[:-1] + "0", "no transaction hash of Solana"),
    ("solana", BITCOIN, "these do: Bitcoin"),
    ("nowhere", BITCOIN, "not known"),
    ("bitcoin", "", "no transaction hash of Bitcoin"),
]


def test_check__published_hashes_and_near_misses__none_is_told_wrong() -> None:
    for network, written, canonical in GOOD:
        assert check(network, f" {written}\n") == Hash(network, canonical), written
    for network, written, sentence in BAD:
        answer = check(network, written)
        assert isinstance(answer, str), written
        assert sentence in answer, (written, answer)
        assert not written or written not in answer
    assert all(isinstance(check(network, ""), str) for network in NETWORKS)


def test_check_tag__without_its_address__is_read_as_its_network_does() -> None:
    assert check_tag("ripple", "007") == Read("7")
    assert check_tag("ton", "order 7") == Read("order 7")
    assert "whole number" in str(check_tag("ripple", "4294967296"))
    assert "neither tag nor memo" in str(check_tag("bitcoin", "7"))
    assert "not known" in str(check_tag("nowhere", "7"))
