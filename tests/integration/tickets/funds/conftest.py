"""An agent, a lead and a customer with passkeys, the real verifier and the real exchange; a ticket of the customer's."""

import pytest

from tests.factories.customers import portal_ticket
from tests.integration.security.verifier.test_fund_actions import Scene, scene
from tickets.models import Ticket

__all__ = ["scene"]


@pytest.fixture
def case(scene: Scene) -> Ticket:
    """A request of the customer's."""
    return portal_ticket(scene.customer)
