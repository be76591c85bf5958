"""A visitor's links on the content origin: files of their own conversations, as long as their token counts."""

from django.http import Http404, HttpResponseBase

from core import files as stored_files
from core.audit import ANONYMOUS
from core.previews import image_preview
from livechat.models import Visitor
from livechat.selectors import files
from tickets import content_links
from tickets.models import Attachment
from tickets.views import content

THUMB_PX = 800


def file(target: content_links.Target) -> HttpResponseBase:
    """A file to save; recorded like every download."""
    visitor, row = _found(target)
    if visitor is None or row is None or row.file is None:
        return content.gone()
    return content.download(row, row.file, visitor.customer.actor if visitor.customer else ANONYMOUS)


def preview(target: content_links.Target) -> HttpResponseBase:
    """A picture made anew from the file's pixels."""
    _visitor, row = _found(target)
    if row is None or row.file is None or not row.file.is_previewable:
        return content.gone()
    try:
        return content.picture(image_preview(stored_files.read(row.file), max_px=THUMB_PX))
    except Http404:
        return content.gone()


def _found(target: content_links.Target) -> tuple[Visitor | None, Attachment | None]:
    visitor = Visitor.objects.living().select_related("customer").filter(pk=target.session_pk).first()
    return visitor, files.of_visitor(visitor, target.target) if visitor else None
