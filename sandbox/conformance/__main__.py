"""`python -m sandbox.conformance`: checks an implementation, prints a table; 0 when everything passed."""

import argparse
import os
from urllib.parse import urlsplit

from sandbox.conformance import report
from sandbox.conformance.target import Target, key_from, kid_of


def main(words: list[str] | None = None) -> int:
    """Check; returns 0 when all passed, 1 when one failed, 2 when none failed but not all were tried."""
    results = report.run(target(parser().parse_args(words)))
    report.show(results)
    return report.status(results)


def target(given: argparse.Namespace) -> Target:
    """Return what the command line names."""
    gateway_key = key_from(given.key, "PHAROS_GATEWAY_KEY")
    verifier_key = key_from(given.verifier_key or given.key, "PHAROS_VERIFIER_KEY")
    url = given.url.rstrip("/")
    return Target(
        url=url, issuer=given.issuer or url, site_url=(given.site_url or url).rstrip("/"), gateway_key=gateway_key,
        verifier_key=verifier_key, gateway_kid=given.kid or kid_of(gateway_key, "gateway"),
        verifier_kid=given.verifier_kid or kid_of(verifier_key, "verifier"), account=given.account,
        customer=given.customer, other_account=given.other_account, other_customer=given.other_customer,
        origin=given.origin, rp_id=given.rp_id or str(urlsplit(given.origin).hostname),
        redirect_uri=given.redirect_uri or f"{given.origin}/portal/hand-off/", asset=given.asset, amount=given.amount,
        cookie=given.cookie,
    )  # fmt: skip


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    made = argparse.ArgumentParser(prog="python -m sandbox.conformance", description=__doc__)
    given = os.environ
    key, verifier = (given.get(name, "") for name in ("PHAROS_GATEWAY_KEY", "PHAROS_VERIFIER_KEY"))
    add = made.add_argument
    add("--url", required=True, help="the back channel")
    add("--key", default=key, required=not key, help="gateway's private key: PEM, a file, or a JSON file of both keys")
    add("--verifier-key", default=verifier, help="verifier's private key, likewise")
    add("--kid", default="", help="name of the gateway's key, when it is not the one Pharos makes")
    add("--verifier-kid", default="", help="name of the verifier's key, likewise")
    add("--account", required=True, help="an account set aside for this, with nothing on it to lose")
    add("--customer", default="conformance-1", help="the customer it is bound to, or will be")
    add("--other-account", required=True, help="a second one, which is frozen and unfrozen")
    add("--other-customer", default="conformance-2")
    add("--issuer", default="", help="what the exchange calls itself; the URL unless given")
    add("--site-url", default="", help="where browsers go; the URL unless given")
    add("--origin", default="http://localhost:8000", help="the portal's origin")
    add("--rp-id", default="", help="the relying party; the origin's host unless given")
    add("--redirect-uri", default="", help="the portal's hand-off address; by the origin unless given")
    add("--asset", default="BTC")
    add("--amount", default="0.000000010000000000", help="moved by each executed action, 18 decimals")
    add("--cookie", default="", help="name=value of somebody signed in at the site; hand-off is not tried without")
    return made


if __name__ == "__main__":
    raise SystemExit(main())
