"""Who wrote: from an address and what is known of it to a customer."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db import transaction

from accounts.models import Customer, CustomerAddress
from core import audit
from core.clock import DatabaseNow
from core.ids import new_public_id

# The address first, with the id that its customer will have: where another transaction was quicker, neither is written
# and nothing has to be undone. The foreign key is checked at the end of the transaction. Every statement
# writes its addresses in the same order: two of them never wait for each other.
CREATE_PROVEN = """
WITH newcomer AS (
    SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[]) AS one (value, proof, public_id, name)
), address AS (
    INSERT INTO accounts_customeraddress (customer_id, kind, value, proof, proven_at, is_bouncing)
    SELECT nextval('accounts_customer_id_seq'), %s, value, proof, core.clock(), false FROM newcomer ORDER BY value
    ON CONFLICT (kind, value) WHERE NOT proof = 'claimed' DO NOTHING
    RETURNING customer_id, value
)
INSERT INTO accounts_customer (id, public_id, name, locale, time_zone)
SELECT customer_id, public_id, name, '', '' FROM address JOIN newcomer USING (value)
RETURNING *
"""


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody nobody knows yet: what they have proven and by what (CustomerAddress.Proof), and their name."""

    value: str
    name: str
    proof: str


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of some addresses: who has proven them, and which of them nobody has and no mark is on."""

    owners: dict[str, Customer]
    free: frozenset[str]


def resolve(*, kind: str, value: str, name: str, proof: str | None) -> tuple[Customer, bool]:
    """Return the customer behind an address and whether they are new.

    With a `proof` (CustomerAddress.Proof other than claimed) it is the one customer who has proven
    the address, which is in use: a mark that it bounces goes. Without one it is a stub that merely
    claims it: never a known customer, whatever the address says, and never upgraded later.
    """
    if proof:
        return _proven(kind=kind, value=value, name=name, proof=proof)
    claimed = (
        Customer.objects.filter(addresses__kind=kind, addresses__value=value, addresses__proof="claimed")
        .exclude(addresses__proof__in=["dkim", "spf", "dmarc", "exchange"])
        .order_by("pk")
        .first()
    )
    if claimed is not None:
        return claimed, False
    with transaction.atomic():
        customer = Customer.objects.create(name=name[:160])
        CustomerAddress.objects.create(customer=customer, kind=kind, value=value)
        _record(customer, "claimed")
    return customer, True


def create_stranger(*, locale: str) -> Customer:
    """Create somebody of whom nothing is known, not even a claim: a visitor of the chat, and nobody's history."""
    with transaction.atomic():
        customer = Customer.objects.create(locale=locale[:16])
        _record(customer, "")
    return customer


def known(*, kind: str, values: Collection[str]) -> Known:
    """Return what is known of these addresses; one query.

    In neither part are addresses marked as bouncing: `resolve` has something to write there.
    """
    found = list(CustomerAddress.objects.filter(kind=kind, value__in=values).select_related("customer"))
    bouncing = {one.value for one in found if one.is_bouncing}
    owners = {one.value: one.customer for one in found if one.proof != CustomerAddress.Proof.CLAIMED}
    free = frozenset(values) - owners.keys() - bouncing
    return Known({value: owner for value, owner in owners.items() if value not in bouncing}, free)


def create_proven(*, kind: str, newcomers: Collection[Newcomer]) -> dict[str, Customer]:
    """Create these customers, each with a `value` of their own, inside the caller's transaction; one statement.

    Returns them by address. Left out is whoever another transaction has created meanwhile.
    """
    by_id = {new_public_id(): one for one in newcomers}
    columns = [[one.value for one in by_id.values()], [one.proof for one in by_id.values()]]
    names = [one.name[:160] for one in by_id.values()]
    made = {}
    for customer in Customer.objects.raw(CREATE_PROVEN, [*columns, list(by_id), names, kind]):
        newcomer = by_id[customer.public_id]
        _record(customer, newcomer.proof)
        made[newcomer.value] = customer
    return made


def mark_bouncing(*, kind: str, value: str) -> int:
    """Mark every row of an address that no longer accepts mail; return how many."""
    return _mark(kind, value, is_bouncing=True, bounced_at=DatabaseNow(), action="address.bouncing")


def _mark(kind: str, value: str, *, is_bouncing: bool, bounced_at: DatabaseNow | None, action: str) -> int:
    """Change the mark where it is another one; the audit log names the customer, never the address."""
    marked = 0
    with transaction.atomic():
        rows = CustomerAddress.objects.filter(kind=kind, value=value, is_bouncing=not is_bouncing)
        for pk, public_id in list(rows.order_by("pk").values_list("pk", "customer__public_id")):
            if rows.filter(pk=pk).update(is_bouncing=is_bouncing, bounced_at=bounced_at):
                audit.record(action, actor=audit.SYSTEM, obj=("customer", public_id), fields=["is_bouncing"])
                marked += 1
    return marked


def _proven(*, kind: str, value: str, name: str, proof: str) -> tuple[Customer, bool]:
    addresses = CustomerAddress.objects.filter(kind=kind, value=value).select_related("customer").order_by("pk")
    rows = list(addresses)
    if any(address.is_bouncing for address in rows):
        _mark(kind, value, is_bouncing=False, bounced_at=None, action="address.reachable")
    owner = _owner(rows)
    if owner is not None:
        return owner, False
    made = create_proven(kind=kind, newcomers=[Newcomer(value, name, proof)])
    if value in made:
        return made[value], True
    # Two first mails at once: the unique index let one of them through.
    return next(one.customer for one in addresses.all() if one.proof != CustomerAddress.Proof.CLAIMED), False


def _owner(addresses: Iterable[CustomerAddress]) -> Customer | None:
    return next((one.customer for one in addresses if one.proof != CustomerAddress.Proof.CLAIMED), None)


def _record(customer: Customer, proof: str) -> None:
    audit.record(
        "customer.created",
        actor=audit.SYSTEM,
        obj=("customer", customer.public_id),
        fields=["name", "addresses"],
        detail={"proof": proof or "none"},
    )
