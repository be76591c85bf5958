"""Acts of customers at the portal, and of what tells the exchange."""

from django.test import Client

from accounts.models import Customer
from core.clock import DatabaseNow
from core.ids import new_public_id
from security import freeze_links
from security.delivery import freezes, fund_orders
from security.models import FreezeOrder
from security.services import action_notices, customer_factors, freezing, fund_actions, review_documents
from tests.contracts.permissions.acts import Prepared, Sending, act, at
from tests.factories.customers import open_portal, portal_customer, portal_ticket
from tests.factories.guided import deposit_form, ids_of
from tests.factories.tickets import MailboxFactory
from tickets.models import SocialAccount, SocialChat, SocialLink
from tickets.services import social_links

FROZEN = ("security.FreezeOrder", "security.CustomerSession", "core.Notice")


def somebody() -> Customer:
    """Return a customer nobody has met."""
    MailboxFactory.create()
    name = new_public_id()
    return portal_customer(f"acc-{name}", f"{name}@example.com")


def at_home(who: Customer) -> Client:
    """Return a browser in which this customer is signed in."""
    client = Client()
    open_portal(client, who)
    return client


@act("POST portal:sign_out", "security.CustomerSession")
def leave_the_portal() -> Prepared:
    who = somebody()
    return Sending(at_home(who), at("portal:sign_out"), actor=who.actor)


@act("POST portal:new", "tickets.Ticket", "tickets.Message")
def ask_something() -> Prepared:
    who = somebody()
    data = {"subject": "Card", "text": "Declined.", "form_key": new_public_id()}
    return Sending(at_home(who), at("portal:new"), data, frozenset({"topic"}), actor=who.actor)


@act("POST portal:guided", "tickets.Ticket", "tickets.Message", "tickets.GuidedRequest", "tickets.GuidedAnswer")
def fill_in_a_form() -> Prepared:
    who, form = somebody(), deposit_form(new_public_id())
    ids = ids_of(form)
    data = {f"q-{ids['asset']}": "BTC", f"b-{ids['asset']}": "bitcoin", "form_key": new_public_id()}
    return Sending(at_home(who), at("portal:guided", form.topic.slug), data, frozenset({"text"}), actor=who.actor)


@act("POST portal:answer", "tickets.Ticket", "tickets.Message")
def add_to_a_request() -> Prepared:
    who = somebody()
    path = at("portal:answer", portal_ticket(who).public_id)
    return Sending(at_home(who), path, {"text": "Any news?", "seen": "1"}, frozenset({"client_key"}), actor=who.actor)


@act("POST portal:phrase", "security.AntiPhishingPhrase", "core.Notice")
def choose_a_phrase() -> Prepared:
    who = somebody()
    return Sending(at_home(who), at("portal:phrase"), {"phrase": "green herons 7"}, actor=who.actor)


@act("POST portal:lock", "security.SupportLock", "core.Notice")
def lock_support_out() -> Prepared:
    who = somebody()
    return Sending(at_home(who), at("portal:lock"), {"days": "30"}, actor=who.actor)


@act("POST portal:sign_out_elsewhere", "security.CustomerSession", "core.Notice")
def sign_out_everywhere_else() -> Prepared:
    who = somebody()
    open_portal(Client(), who)
    return Sending(at_home(who), at("portal:sign_out_elsewhere"), actor=who.actor)


@act("POST portal:end_session", "security.CustomerSession")
def end_another_session_at_the_portal() -> Prepared:
    who = somebody()
    other = open_portal(Client(), who)
    return Sending(at_home(who), at("portal:end_session", other.public_id), actor=who.actor)


def a_conversation() -> SocialChat:
    """Return a private conversation at a vendor, of somebody who merely claims to be somebody."""
    account = SocialAccount.objects.create(kind="telegram", name="Desk", token="1:a")
    return SocialChat.objects.create(account=account, external_id="1", customer=Customer.objects.create())


@act("POST portal:conversation_link", "tickets.SocialLink", "tickets.SocialPost")
def link_a_conversation() -> Prepared:
    who, chat = somebody(), a_conversation()
    secret = social_links.issue(chat=chat).rstrip("/").rsplit("/", 1)[1]
    return Sending(at_home(who), at("portal:conversation_link", secret), actor=who.actor)


@act("POST portal:conversation_end", "tickets.SocialLink")
def end_a_link() -> Prepared:
    who, chat = somebody(), a_conversation()
    link = SocialLink.objects.create(chat=chat, customer=who, linked_at=DatabaseNow())
    return Sending(at_home(who), at("portal:conversation_end", link.public_id), actor=who.actor)


@act("POST portal:freeze", *FROZEN)
def freeze_at_the_portal() -> Prepared:
    who = somebody()
    open_portal(Client(), who)
    return Sending(at_home(who), at("portal:freeze"), actor=who.actor)


@act("POST portal:freeze_by_link", *FROZEN)
def freeze_by_a_link() -> Prepared:
    who = somebody()
    open_portal(Client(), who)
    return Sending(Client(), freeze_links.path_for(who), actor=who.actor)


@act("task security.deliver_freeze", "security.FreezeOrder")
def tell_the_exchange() -> Prepared:
    who = somebody()
    order = FreezeOrder.objects.create(customer=who, account_id="acc", source="portal")
    return lambda: freezes.deliver(order.pk)


@act("task security.sweep_freezes", why="rings for rows")
def ring_for_freezes() -> Prepared:
    return freezing.ring_overdue


@act(
    "task security.deliver_fund_order", why="without an execution there is no row; one on its way: test_fund_actions.py"
)
def ask_the_exchange() -> Prepared:
    return lambda: fund_orders.deliver(-1)


@act("task security.sweep_fund_orders", why="rings for rows")
def ring_for_fund_orders() -> Prepared:
    return fund_actions.ring_overdue


@act("task security.keep_factors", why="waits while the verifier is away, as here; kept: test_factors.py at the portal")
def keep_what_the_exchange_accepted() -> Prepared:
    return customer_factors.keep_waiting


@act("task security.tell_of_actions", why="without an action nobody is told; told: test_approvals.py at the portal")
def tell_what_became_of_actions() -> Prepared:
    return action_notices.sweep


@act("POST portal:review", why="there is no review without a passkey's answer: test_review_pages.py")
def look_for_a_review() -> Prepared:
    who = somebody()
    return Sending(at_home(who), at("portal:review"), actor=who.actor)


@act("POST portal:review_by_link", why="as above")
def look_for_a_review_by_a_link() -> Prepared:
    return review_documents.tidy


@act("task security.tidy_reviews", why="destroys what has ended: test_review_documents.py")
def destroy_documents() -> Prepared:
    return review_documents.tidy
