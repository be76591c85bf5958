"""Who wrote: from an address and what is known of it to a customer."""

from collections.abc import Collection, Iterable

from django.db import transaction

from accounts.models import Customer, CustomerAddress
from core import audit
from core.clock import DatabaseNow
from core.ids import new_public_id

# The address first, with the id that its customer will have: where another transaction was quicker, neither is written
# and nothing has to be undone. The foreign key is checked at the end of the transaction.
CREATE_PROVEN = """
WITH address AS (
    INSERT INTO accounts_customeraddress (customer_id, kind, value, proof, proven_at, is_bouncing)
    VALUES (nextval('accounts_customer_id_seq'), %s, %s, %s, core.clock(), false)
    ON CONFLICT (kind, value) WHERE NOT proof = 'claimed' DO NOTHING
    RETURNING customer_id
)
INSERT INTO accounts_customer (id, public_id, name, locale, time_zone)
SELECT customer_id, %s, %s, '', '' FROM address
RETURNING *
"""


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


def owners(*, kind: str, values: Collection[str]) -> dict[str, Customer]:
    """Return who has proven each of these addresses, by address; one query.

    Left out are addresses nobody has proven and those marked as bouncing: `resolve` has something to write there.
    """
    proven = CustomerAddress.objects.filter(kind=kind, value__in=values).select_related("customer")
    found = {one.value: one.customer for one in proven if one.proof != CustomerAddress.Proof.CLAIMED}
    for one in proven:
        if one.is_bouncing:
            found.pop(one.value, None)
    return found


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
    known = list(addresses)
    if any(address.is_bouncing for address in known):
        _mark(kind, value, is_bouncing=False, bounced_at=None, action="address.reachable")
    owner = _owner(known)
    if owner is not None:
        return owner, False
    customer = next(iter(Customer.objects.raw(CREATE_PROVEN, [kind, value, proof, new_public_id(), name[:160]])), None)
    if customer is not None:
        _record(customer, proof)
        return customer, True
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
        detail={"proof": proof},
    )
