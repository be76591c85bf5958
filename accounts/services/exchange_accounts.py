"""Who signed in at the exchange: from its account to a customer, and never from an address to one."""

from dataclasses import dataclass

from django.db import IntegrityError, transaction

from accounts.models import Customer, CustomerAddress, ExchangeAccount
from core import audit
from core.clock import DatabaseNow
from core.storable_text import storable

Proof = CustomerAddress.Proof
MAX_ADDRESS = 320


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What the exchange says of the person who signed in; nothing of it says who they are, only the account does."""

    name: str = ""
    email: str = ""
    is_email_verified: bool = False
    locale: str = ""
    time_zone: str = ""


def recognise(*, issuer: str, account_id: str, profile: Profile) -> tuple[Customer, bool]:
    """Return the customer behind this account, by (issuer, account) alone, and whether they are new.

    An unknown account is a new customer even where a known one has proven the same address: nobody takes
    over a history by naming its address at the exchange (attacks E3). A verified address becomes
    one proven by the exchange unless somebody else has it proven; then it is a claim, and recorded as such.
    """
    known = _known(issuer, account_id)
    if known is None:
        try:
            with transaction.atomic():
                return _create(issuer, account_id, profile), True
        except IntegrityError:
            # Two first hand-offs at once: the unique account let one of them through.
            known = ExchangeAccount.objects.select_related("customer").get(issuer=issuer, account_id=account_id)
    customer = known.customer
    with transaction.atomic():
        _follow(customer, profile)
        _keep_address(customer, profile)
    return customer, False


def find(*, issuer: str, account_id: str) -> Customer | None:
    """Return the customer behind this account, if we know them."""
    known = _known(issuer, account_id)
    return known.customer if known else None


def _known(issuer: str, account_id: str) -> ExchangeAccount | None:
    return ExchangeAccount.objects.select_related("customer").filter(issuer=issuer, account_id=account_id).first()


def _create(issuer: str, account_id: str, profile: Profile) -> Customer:
    customer = Customer.objects.create(**_shown(profile))
    ExchangeAccount.objects.create(customer=customer, issuer=issuer, account_id=account_id)
    audit.record(
        "customer.created",
        actor=audit.SYSTEM,
        obj=("customer", customer.public_id),
        fields=["name", "addresses", "exchange_account"],
        detail={"proof": Proof.EXCHANGE.value},
    )
    _keep_address(customer, profile)
    return customer


def _follow(customer: Customer, profile: Profile) -> None:
    """Take over name, language and time zone where the exchange has others now."""
    changed = {name: value for name, value in _shown(profile).items() if value and getattr(customer, name) != value}
    if not changed:
        return
    Customer.objects.filter(pk=customer.pk).update(**changed)
    for name, value in changed.items():
        setattr(customer, name, value)
    audit.record("customer.updated", actor=audit.SYSTEM, obj=("customer", customer.public_id), fields=sorted(changed))


def _shown(profile: Profile) -> dict[str, str]:
    return {
        "name": storable(profile.name)[:160],
        "locale": storable(profile.locale)[:16],
        "time_zone": storable(profile.time_zone)[:64],
    }


def _keep_address(customer: Customer, profile: Profile) -> None:
    """Add the address if the customer has not got it; a former one stays, as one of their old channels."""
    value = storable(profile.email).strip().lower()
    if "@" not in value or len(value) > MAX_ADDRESS:
        return
    mine = CustomerAddress.objects.filter(customer=customer, kind=CustomerAddress.Kind.EMAIL, value=value)
    if mine.exists():
        return
    proof = _inserted(customer, value, is_proven=profile.is_email_verified)
    audit.record(
        "address.added",
        actor=audit.SYSTEM,
        obj=("customer", customer.public_id),
        fields=["addresses"],
        detail={"proof": proof, "is_verified": profile.is_email_verified},
    )


def _inserted(customer: Customer, value: str, *, is_proven: bool) -> str:
    """Write the address and return by what it is proven; the unique index says whether somebody else has proven it."""
    row = CustomerAddress(customer=customer, kind=CustomerAddress.Kind.EMAIL, value=value)
    if is_proven:
        try:
            with transaction.atomic():
                row.proof, row.proven_at = Proof.EXCHANGE, DatabaseNow()
                row.save(force_insert=True)
        except IntegrityError:
            row = CustomerAddress(customer=customer, kind=CustomerAddress.Kind.EMAIL, value=value)
        else:
            return Proof.EXCHANGE
    row.save(force_insert=True)
    return Proof.CLAIMED
