"""Acts about webhooks of other systems: naming one, a trial, sending again, and what the sweeps do."""

from functools import partial

from core import audit
from core.ids import new_public_id
from tests.contracts.permissions.acts import Prepared, act, ticket
from tests.contracts.permissions.acts_behind import chosen, form
from tickets import inbound_tasks, outbound_tasks
from tickets.models import WebhookDelivery, WebhookEndpoint
from tickets.services import webhooks
from tickets.webhooks.signing import new_key

LISTED = ("teams", "is_active", "secret")


def endpoint() -> WebhookEndpoint:
    """Return one that nothing reaches."""
    url = "https://127.0.0.1/none"
    return WebhookEndpoint.objects.create(name=new_public_id(), url=url, secret=new_key(), events=["ticket.opened"])


@act("admin add tickets.WebhookEndpoint", "tickets.WebhookEndpoint")
def name_a_system() -> Prepared:
    data = {"name": new_public_id(), "url": "https://hooks.example/a", "events": "ticket.opened", "secret": new_key()}
    return form("tickets_webhookendpoint", data, listed=LISTED)


@act("admin change tickets.WebhookEndpoint", "tickets.WebhookEndpoint")
def change_a_system() -> Prepared:
    made = endpoint()
    data = {"name": made.name, "url": "https://hooks.example/b", "events": "ticket.opened", "secret": new_key()}
    return form("tickets_webhookendpoint", data, made.pk, LISTED)


@act("admin try_out tickets.WebhookEndpoint", "tickets.WebhookDelivery")
def send_a_trial() -> Prepared:
    return chosen("tickets_webhookendpoint", "try_out", endpoint().pk)


@act("admin replay tickets.WebhookDelivery", "tickets.WebhookDelivery")
def send_again() -> Prepared:
    row = webhooks.try_out(endpoint=endpoint(), by=audit.SYSTEM)
    WebhookDelivery.objects.filter(pk=row.pk).update(state="failed")
    return chosen("tickets_webhookdelivery", "replay", row.pk)


@act("task tickets.owe_webhooks", "tickets.WebhookCursor", "tickets.WebhookDelivery")
def owe_what_happened() -> Prepared:
    endpoint()
    ticket()
    audit.seal()
    return partial(inbound_tasks.owe_webhooks)


@act("task tickets.send_webhooks", "tickets.WebhookDelivery", "tickets.WebhookEndpoint")
def send_what_is_owed() -> Prepared:
    webhooks.try_out(endpoint=endpoint(), by=audit.SYSTEM)
    return partial(outbound_tasks.send_webhooks)
