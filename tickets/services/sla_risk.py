"""A customer's risk that rises: their tickets go by the policy for customers at risk from then on."""

from accounts.models import Customer
from tickets.models import SlaPolicyVersion, Ticket
from tickets.models.ticket import ACTIVE
from tickets.services import sla_clocks

# Of one customer: who has more open has other troubles than their deadlines.
MOST_TICKETS = 100


def risen(customer: Customer) -> None:
    """A signal of the exchange raises the risk of `customer`: their open tickets look for a policy again.

    In the transaction of the signal, behind each ticket's lock, the newest hundred. One statement where no policy asks
    for risk. A risk that is over by itself changes nothing: what was promised meanwhile is kept.
    """
    if not any(one.is_risk_raised and one.is_active for one in SlaPolicyVersion.objects.in_force()):
        return
    theirs = Ticket.objects.filter(requester=customer, status__in=ACTIVE, is_spam=False)
    newest = theirs.order_by("-pk").values_list("pk", flat=True)[:MOST_TICKETS]
    # In one order: two signals at once lock them one after the other.
    for ticket in theirs.filter(pk__in=list(newest)).select_for_update(of=("self",), no_key=True).order_by("pk"):
        sla_clocks.reconsider(ticket=ticket)
