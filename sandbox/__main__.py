"""`python -m sandbox`: what the exchange's staff would do: rotate keys, send events, open accounts."""

import argparse
import json
import sys

from sandbox import events, people, signing, storage
from sandbox.people import Person
from sandbox.problems import Problem


def main(words: list[str] | None = None) -> int:
    """Do what the first word says; returns 0 when it is done."""
    asked = _parser().parse_args(words)
    storage.prepare()
    with storage.work() as work:
        signing.ensure(work)
        people.seed(work)
    try:
        return int(asked.act(asked))
    except Problem as problem:
        print(problem.detail, file=sys.stderr)
        return 1


def rotate_key(asked: argparse.Namespace) -> int:
    """A new key signs; former ones stay published."""
    with storage.work() as work:
        print(signing.rotate(work))
    return 0


def retire_keys(asked: argparse.Namespace) -> int:
    """Only the newest key stays published."""
    with storage.work() as work:
        print("\n".join(signing.retire(work)) or "no former key")
    return 0


def list_accounts(asked: argparse.Namespace) -> int:
    """One account a line."""
    with storage.reading() as work:
        for row in work.execute("SELECT account_id, state, email, name FROM account ORDER BY rowid"):
            print("  ".join(map(str, row)))
    return 0


def open_account(asked: argparse.Namespace) -> int:
    """Another account for each address, for trying things out."""
    balances = dict(pair.split("=", 1) for pair in asked.holds)
    for email in asked.email:
        person = Person(asked.name or email, email, "en", "UTC", "standard", 1, balances)
        with storage.work() as work:
            people.open_account(work, person)
        print(person.account_id)
    return 0


def emit(asked: argparse.Namespace) -> int:
    """Record an event and send it, with those that were not taken before."""
    with storage.work() as work:
        if asked.type:
            events.record(work, type_=asked.type, account_id=asked.account, data=json.loads(asked.data))
        waiting = events.waiting(work)
    answered = {event_id: events.send(event_id) for event_id in waiting}
    for event_id, status in answered.items():
        print(f"{event_id}  {status or 'no answer'}")
    return 0 if set(answered.values()) <= events.TAKEN else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    acts = parser.add_subparsers(required=True)
    for name, act in (("rotate-key", rotate_key), ("retire-keys", retire_keys), ("accounts", list_accounts)):
        acts.add_parser(name, help=act.__doc__).set_defaults(act=act)
    opening = acts.add_parser("open-account", help=open_account.__doc__)
    opening.add_argument("email", nargs="+")
    opening.add_argument("--name", default="")
    opening.add_argument("--holds", nargs="*", default=[], metavar="ASSET=AMOUNT")
    opening.set_defaults(act=open_account)
    emitting = acts.add_parser("emit", help=emit.__doc__)
    emitting.add_argument("type", nargs="?", choices=events.TYPES, help="without one: send again what was not taken")
    emitting.add_argument("--account", default="", help="the account it is about")
    emitting.add_argument("--data", default="{}", help="a JSON object")
    emitting.set_defaults(act=emit)
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
