"""A case with a fund-related action under way is merged neither way."""

import pytest

from tests.factories.customers import portal_ticket
from tests.integration.security.verifier.test_fund_actions import Scene
from tests.integration.tickets.funds.test_desk_doors import requested
from tickets.models import Ticket
from tickets.services import merging


@pytest.mark.attack("A5")
def test_merge__fund_action_under_way__is_refused_either_way(scene: Scene, case: Ticket) -> None:
    other = portal_ticket(scene.customer)
    requested(scene, case)
    for source, target in ((case, other), (other, case)):
        with pytest.raises(merging.FundsUnderWay):
            merging.merge(source=source, into=target, by=scene.agent)
