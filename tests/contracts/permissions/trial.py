"""Tries one route as one person and says what it came to; compares that with what the matrix promises."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.http import HttpResponseBase, StreamingHttpResponse
from django.test import Client
from django.urls import reverse

from tests.contracts.permissions import routes, world
from tests.contracts.permissions.routes import About, Got, Route
from tests.contracts.permissions.world import World
from tickets import content_links
from tickets.models import Attachment, Message

ABOUT_TICKETS = {About.TICKET, About.MESSAGE, About.ATTACHMENT, About.UPLOAD}
ABOUT_REQUESTS = {About.REQUEST, About.REQUEST_FILE}
ABOUT_PORTAL = ABOUT_REQUESTS | {About.PORTAL_SESSION, About.ACTION}
WHOLE_CASE = {"desk:ticket", "desk:timeline", "api:ticket", "api:messages"}
EXTREMES = {"admin", "outsider"}
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Visitor:
    """One person at the doors of the world."""

    where: World
    who: str
    client: Client


def promised(route: Route, method: str, who: str, kind: str) -> Got:
    """What the matrix says this person gets."""
    if method not in route.methods:
        return Got.WRONG_METHOD
    if who in route.methods[method]:
        seen_by = routes.REQUESTS if route.about in ABOUT_REQUESTS else routes.SEES
        seen_by = routes.ACTIONS if route.about is About.ACTION else seen_by
        is_hidden = kind in seen_by and who not in seen_by[kind]
        return Got.UNSEEN if is_hidden else Got.IN
    is_known = who in routes.STAFF or (who in routes.TOKENS and route.takes_tokens)
    return route.refusal if is_known else route.unknown


def came_to(response: HttpResponseBase) -> Got:
    """Read an answer."""
    location = response.headers.get("Location", "")
    if 300 <= response.status_code < 400:
        path = urlsplit(location).path
        if path in {reverse("security:sign_in"), reverse("portal:sign_in")}:
            return Got.SIGN_IN
        return Got.IN
    if response.status_code >= 500:
        return Got.BROKEN
    return {401: Got.SIGN_IN, 403: Got.FORBIDDEN, 404: Got.UNSEEN, 405: Got.WRONG_METHOD}.get(
        response.status_code, Got.IN
    )


def mismatches(where: World, who: str, routes: list[Route]) -> Iterator[str]:
    """Try every route as `who`; one sentence for each answer that the matrix did not promise.

    Methods that a route does not have are tried as the most and the least of the cast only.
    """
    visitor = Visitor(where, who, world.browser(where, who))
    for route in routes:
        for kind in _kinds(route, who):
            for method in METHODS if who in EXTREMES else route.methods:
                expected = promised(route, method, who, kind)
                got = _try(visitor, route, method, kind)
                # A door that refuses the method need not say so to those it would refuse anyway.
                refused = {Got.WRONG_METHOD, Got.SIGN_IN, Got.FORBIDDEN}
                if got is expected or (expected is Got.WRONG_METHOD and got in refused):
                    continue
                about = f" ({kind} ticket)" if kind else ""
                yield f"{who}: {method} {route.name}{about}: {got.value}, the matrix says {expected.value}"


def _kinds(route: Route, who: str) -> list[str]:
    """Return the tickets to try: all where a case itself is read, elsewhere one that is seen and those that are not."""
    if route.about in ABOUT_REQUESTS:
        return sorted(routes.REQUESTS)
    if route.about is About.ACTION:
        return sorted(routes.ACTIONS)
    if route.about not in ABOUT_TICKETS:
        return [""]
    if route.name in WHOLE_CASE:
        return sorted(routes.SEES)
    return ["own", *(kind for kind, people in routes.SEES.items() if who in routes.STAFF and who not in people)]


def content_mismatches(where: World, who: str) -> Iterator[str]:
    """Open signed links to messages and files of each ticket with a living session of `who`."""
    client = world.browser(where, who)
    session = world.session_of(where, who)
    for kind, ticket in where.tickets.items():
        message = ticket.messages.get(seq=world.ASKED_SEQ)
        things: dict[str, Message | Attachment] = {
            "message": message,
            "message-images": message,
            "file": where.attachments[kind],
        }
        for what, thing in things.items():
            link = urlsplit(content_links.link(session_pk=session.pk, kind=what, target=thing.public_id))
            response = client.get(link.path, HTTP_HOST=link.netloc)
            got = came_to(response)
            drain(response)
            expected = Got.IN if who in routes.SEES[kind] else Got.UNSEEN
            if got is not expected:
                yield f"{who}: {what} of a {kind} ticket: {got.value}, the matrix says {expected.value}"


def _try(visitor: Visitor, route: Route, method: str, kind: str) -> Got:
    """Make the request and take back what it did."""
    client = visitor.client
    with transaction.atomic():
        address = reverse(route.name, kwargs=arguments(visitor, route, kind), urlconf=route.urlconf)
        cookies = client.cookies.output()
        body = route.body
        for mark, public_id in visitor.where.named.items():
            body = body.replace(mark, public_id.encode())
        response = client.generic(method, address, body, content_type=route.content_type, headers=_headers(route))
        if client.cookies.output() != cookies:
            client.cookies.load(cookies.replace("Set-Cookie: ", ""))
        drain(response)
        transaction.set_rollback(True)
    return came_to(response)


def drain(response: HttpResponseBase) -> None:
    """Read a streamed file to its end, which closes it."""
    if isinstance(response, StreamingHttpResponse):
        response.getvalue()


def _headers(route: Route) -> dict[str, str]:
    host = {"Host": urlsplit(settings.CONTENT_URL).netloc} if route.urlconf else {}
    return host | ({"Origin": route.origin} if route.origin else {})


def arguments(visitor: Visitor, route: Route, kind: str) -> dict[str, object]:
    where, who = visitor.where, visitor.who
    if route.about in ABOUT_TICKETS:
        ticket = where.tickets[kind]
        found: dict[str, object] = {"public_id": ticket.public_id}
        if route.about is About.MESSAGE:
            is_question = route.name == "desk:frame"
            found["seq"] = world.ASKED_SEQ if is_question else world.ANSWER_SEQ
        if route.about is About.ATTACHMENT:
            found["file_id"] = where.attachments[kind].public_id
        if route.about is About.UPLOAD:
            person = where.people.get(who, where.people["agent"])
            found["file_id"] = world.upload_of(person, ticket).public_id
        return found
    if route.about in (About.QUARANTINED, About.ALARM):
        row = where.quarantined if route.about is About.QUARANTINED else where.alarm
        return {"public_id": row.public_id}
    if route.about in ABOUT_PORTAL:
        return _portal_arguments(where, route, kind)
    fixed: dict[About, dict[str, object]] = {
        About.MAILBOX: {"mailbox": where.mailbox.slug},
        About.INTAKE: {"public_id": where.handed_in.public_id},
        About.VIEW: {"slug": "open"},
        About.SAVED_VIEW: {"view_id": where.saved_view.public_id},
        About.CUSTOMER: {"public_id": where.customer.public_id},
        About.MAIL: {"name": where.postbox_name},
        About.CHAT: {"slug": where.visitor.inbox.slug},
        About.CHAT_UPLOAD: {"slug": where.visitor.inbox.slug, "client_id": "world-upload"},
        About.CHAT_FILE: {"slug": where.visitor.inbox.slug, "file_id": where.attachments["chat"].public_id},
        About.COLLEAGUE: {"staff_id": where.people["agent"].public_id},
        About.CHAT_TICKET: {"public_id": where.chat.ticket.public_id},
    }
    if route.about in fixed:
        return fixed[route.about]
    if route.about is About.BULK_CHANGE:
        person = where.people.get(who, where.people["admin"])
        return {"change_id": world.bulk_change_of(person, where.tickets["own"]).public_id}
    if route.about is About.SESSION:
        return {"public_id": world.session_of(where, who).public_id}
    return dict(route.arguments)


def _portal_arguments(where: World, route: Route, kind: str) -> dict[str, object]:
    if route.about is About.PORTAL_SESSION:
        return {"public_id": world.portal_session_of(where).public_id}
    if route.about is About.ACTION:
        return {"public_id": "0" * 20}
    which = kind if kind in where.requests else "mine"
    found: dict[str, object] = {"public_id": where.requests[which].public_id}
    if route.about is About.REQUEST_FILE:
        found["file_id"] = where.attachments[which].public_id
    return found
