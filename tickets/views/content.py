"""The content origin's one door: message HTML, images and files under signed links; no cookies, no scripts."""

from collections.abc import Callable

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import Staff
from accounts.permissions import Permission
from core import audit, files
from core.audit import Actor
from core.models import StoredFile
from core.previews import image_preview
from core.security_headers import SANDBOXED
from security.access import record_denial
from security.models import CustomerSession
from security.services import review_documents
from tickets import content_links
from tickets.models import Attachment, Message, Ticket
from tickets.rendering import remote_images
from tickets.rendering.html import content_security_policy, frame_document, safe_html
from tickets.selectors import portal
from tickets.selectors.sockets import person_of

CUSTOMER_FILE = "customer-file"
Door = Callable[[content_links.Target, Staff], HttpResponseBase]
OtherDoor = Callable[[content_links.Target], HttpResponseBase]


class HiddenError(Http404):
    """What the link names is there, but not for this person any more: kind and public id."""

    def __init__(self, kind: str, public_id: str) -> None:
        super().__init__(kind)
        self.obj = (kind, public_id)


@require_safe
def content(request: HttpRequest, token: str) -> HttpResponseBase:
    """Open a link: signature and age, then the session, then the person's rights on the thing itself, read now."""
    response = _opened(request, token)
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _opened(request: HttpRequest, token: str) -> HttpResponseBase:
    try:
        target = content_links.read(token)
    except content_links.BadLinkError:
        return gone()
    if target.kind in OTHERS_DOORS:
        return OTHERS_DOORS[target.kind](target)
    person = person_of(target.session_pk)
    door = DOORS.get(target.kind)
    if person is None or door is None:
        return gone()
    try:
        return door(target, person)
    except HiddenError as hidden:
        record_denial(request, Permission.TICKET_VIEW, obj=hidden.obj, actor=person.actor)
        return gone()
    except Http404:
        return gone()


def _message(target: content_links.Target, person: Staff) -> HttpResponse:
    """A message's HTML, sanitised now, remote images left out."""
    return _frame(target, person, allow_remote_images=False)


def _message_images(target: content_links.Target, person: Staff) -> HttpResponse:
    """The same with remote images, fetched by us so that the sender learns nothing of the reader."""
    return _frame(target, person, allow_remote_images=True)


def _frame(target: content_links.Target, person: Staff, *, allow_remote_images: bool) -> HttpResponse:
    message = (
        Message.objects.filter(public_id=target.target, withdrawn_at__isnull=True).select_related("ticket").first()
    )
    if message is None:
        raise Http404
    if not Ticket.objects.visible_to(person).filter(pk=message.ticket_id).exists():
        raise HiddenError("message", message.public_id)
    inline = {row.content_id: row.public_id for row in message.attachments.kept().exclude(content_id="")}

    def image_source(reference: str) -> str | None:
        if reference.startswith("cid:"):
            public_id = inline.get(reference.removeprefix("cid:"))
            return _link(target, "inline", public_id) if public_id else None
        return _link(target, "remote", reference)

    shown = safe_html(message.html, image_source=image_source, allow_remote_images=allow_remote_images)
    scheme = {"light": "light", "dark": "dark"}.get(person.theme, "light dark")
    document = frame_document(shown.html, language=message.language or "en", title=_("Message"), color_scheme=scheme)
    response = HttpResponse(document)
    response.headers["Content-Security-Policy"] = content_security_policy(settings.CONTENT_URL, settings.SITE_URL)
    response.xframe_options_exempt = True
    return response


def _file(target: content_links.Target, person: Staff) -> HttpResponseBase:
    """A file to save; never shown by the browser, every download in the audit log."""
    row, file = _attachment(target, person)
    return download(row, file, person.actor)


def _customer_file(target: content_links.Target) -> HttpResponseBase:
    """A file of a request of the customer whose session the link names; there is no other kind of link for them."""
    session = CustomerSession.objects.living().select_related("customer").filter(pk=target.session_pk).first()
    row = portal.attachment_of(session.customer, target.target) if session else None
    if session is None or row is None or row.file is None:
        return gone()
    return download(row, row.file, session.customer.actor)


def download(row: Attachment, file: StoredFile, actor: Actor) -> FileResponse:
    """Answer with a file to save, which the audit log remembers."""
    audit.record("attachment.downloaded", actor=actor, obj=("attachment", row.public_id))
    response = FileResponse(
        files.path(file).open("rb"), as_attachment=True, filename=file.name, content_type=file.content_type
    )
    response.headers["Content-Security-Policy"] = SANDBOXED
    return response


def _preview(target: content_links.Target, person: Staff) -> HttpResponse:
    """An image made anew from the file's pixels: nothing else of the file survives.

    An attached picture that was seen is in the audit log; one inside a mail's text is part of reading the mail.
    """
    row, file = _attachment(target, person)
    shown = picture(image_preview(files.read(file)) if file.is_previewable else None)
    if not row.is_inline:
        audit.record("attachment.previewed", actor=person.actor, obj=("attachment", row.public_id))
    return shown


def _remote(target: content_links.Target, _person: Staff) -> HttpResponse:
    """A remote image, fetched and made anew."""
    try:
        return picture(image_preview(remote_images.fetch(target.target)))
    except remote_images.NotFetchedError as error:
        raise Http404 from error


def _review_document(target: content_links.Target, person: Staff) -> HttpResponse:
    """A document of a manual review, with the reviewer's name across it; each look is counted and recorded."""
    try:
        drawn = review_documents.shown(public_id=target.target, person=person)
    except review_documents.DocumentRefusedError as refused:
        return _said(str(refused.sentence), status=429)
    if drawn is None:
        raise HiddenError("review_document", target.target)
    return picture(drawn)


def _attachment(target: content_links.Target, person: Staff) -> tuple[Attachment, StoredFile]:
    row = (
        Attachment.objects.kept()
        .filter(public_id=target.target, message__withdrawn_at__isnull=True)
        .exclude(file__scan="infected")
        .select_related("message")
        .first()
    )
    if row is None or row.file is None:
        raise Http404
    if not Ticket.objects.visible_to(person).filter(pk=row.message.ticket_id).exists():
        raise HiddenError("attachment", row.public_id)
    return row, row.file


def picture(drawn: bytes | None) -> HttpResponse:
    """Answer with a picture that was drawn anew, and nothing else; 404 for none."""
    if drawn is None:
        raise Http404
    response = HttpResponse(drawn, content_type="image/webp")
    response.headers["Content-Security-Policy"] = SANDBOXED
    return response


def _link(target: content_links.Target, kind: str, what: str) -> str:
    return content_links.link(session_pk=target.session_pk, kind=kind, target=what, at=target.opened_at)


def gone() -> HttpResponse:
    """One answer for forged, old and forbidden links, readable inside a frame."""
    return _said(_("This link has expired. Reload the ticket to see it again."), status=404)


def _said(words: str, *, status: int) -> HttpResponse:
    response = HttpResponse(frame_document(f"<p>{words}</p>"), status=status)
    response.headers["Content-Security-Policy"] = content_security_policy(settings.CONTENT_URL, settings.SITE_URL)
    response.xframe_options_exempt = True
    return response


DOORS: dict[str, Door] = {
    "message": _message,
    "message-images": _message_images,
    "inline": _preview,
    "preview": _preview,
    "remote": _remote,
    "file": _file,
    "review-document": _review_document,
}
# Links whose session is not a staff member's. Floors above add theirs from their AppConfig; each reads rights anew.
OTHERS_DOORS: dict[str, OtherDoor] = {CUSTOMER_FILE: _customer_file}
