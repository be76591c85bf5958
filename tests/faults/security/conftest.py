"""Every test here has a database of its own: roles sign in to it as they do in production, and commit."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta

import pytest

from core.ids import new_public_id
from tests.factories.accounts import CustomerFactory, StaffFactory, TeamFactory
from tests.factories.security import certify
from tests.faults.security.cast import Cast
from tests.support.databases import TestStores

Move = Callable[[timedelta], None]
ENROLLED_AGO = timedelta(hours=73)
CUSTOMERS = 60


@pytest.fixture
def cast(clone_db: str, test_stores: TestStores, move_time: Move) -> Iterator[Cast]:
    """The people, and roles that commit at once."""
    front, back = TeamFactory.create(), TeamFactory.create()
    agent, colleague = StaffFactory.create(role="agent"), StaffFactory.create(role="lead")
    leads = (StaffFactory.create(role="lead"), StaffFactory.create(role="compliance"))
    front.members.add(agent, colleague)
    back.members.add(*leads)
    certify(agent, colleague, *leads)
    with ExitStack() as stack:
        app, verifier = (stack.enter_context(test_stores.connect(role, clone_db)) for role in ("APP", "VERIFIER"))
        owner = stack.enter_context(test_stores.owner(clone_db))
        app.autocommit = verifier.autocommit = True
        found = Cast(
            app=app, verifier=verifier, owner=owner, customer=0, agent=agent.pk, colleague=colleague.pk,
            leads=(leads[0].pk, leads[1].pk),
        )  # fmt: skip
        for _customer in range(CUSTOMERS):
            found.customer = CustomerFactory.create().pk
            found.others.append((found.customer, enrol(found)))
        found.change_customer()
        move_time(ENROLLED_AGO)
        yield found


def enrol(cast: Cast, method: str = "webauthn") -> tuple[int, object]:
    """Let the verifier keep a factor of the customer's, from now on; return its key and when it counts."""
    values = {"public_id": new_public_id(), "customer_id": cast.customer, "method": method, "counts_from": "-infinity"}
    key = cast.insert("security_customerfactor", values, by=cast.verifier)
    return key, cast.one("SELECT counts_from FROM security_customerfactor WHERE id = %s", [key])
