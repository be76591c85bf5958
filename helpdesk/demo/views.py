"""The demo's postbox page: what the desk sent, for people who try it out. Development settings only."""

from io import BytesIO
from typing import Any

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.permissions import Permission
from core.filenames import safe_filename
from helpdesk.demo.postbox import Kept, Part, newest, read
from security.access import require, staff_required

# Agents, leads and administrators: whoever writes to customers in our own name. Vendors and auditors do not.
MAY_LOOK = Permission.TICKET_CREATE


@require_GET
@staff_required(MAY_LOOK)
def postbox(request: HttpRequest) -> HttpResponse:
    """List the mails, newest first."""
    return _page(request, None)


@require_GET
@staff_required(MAY_LOOK)
def postbox_mail(request: HttpRequest, name: str) -> HttpResponseBase:
    """Show one mail as text, beside the list; `?part=N` downloads an attached file."""
    _only_in_demo()
    mail = read(name)
    if mail is None or not _may_read(request, mail):
        raise Http404
    number = request.GET.get("part", "")
    return _download(mail, number) if number else _page(request, mail)


def _may_read(request: HttpRequest, mail: Kept) -> bool:
    """System notices are for administrators: their links let anybody in as somebody else."""
    return not mail.is_notice or require(request, MAY_LOOK).has(Permission.STAFF_MANAGE)


def _only_in_demo() -> None:
    if not settings.DEMO:
        raise Http404


def _page(request: HttpRequest, mail: Kept | None) -> HttpResponse:
    _only_in_demo()
    mails = [
        {
            "id": one.id,
            "subject": one.subject,
            "to": one.to,
            "sent_at": one.date,
            "url": reverse("demo:postbox_mail", args=[one.id]),
            "has_files": bool(one.parts),
        }
        for one in newest()
        if _may_read(request, one)
    ]
    return render(request, "demo/postbox.html", {"mails": mails, "mail": _shown(mail) if mail else None})


def _shown(mail: Kept) -> dict[str, Any]:
    """Return what the template reads; the HTML part stays unshown, its text says the same."""
    return {
        "id": mail.id,
        "subject": mail.subject,
        "from_": mail.from_,
        "to": mail.to,
        "cc": mail.cc,
        "date": mail.date,
        "headers": mail.headers,
        "text": mail.text,
        "frame_url": "",
        "attachments": [_file(mail, part) for part in mail.parts],
    }


def _file(mail: Kept, part: Part) -> dict[str, Any]:
    url = reverse("demo:postbox_mail", args=[mail.id])
    return {
        "name": part.name,
        "size": part.size,
        "content_type": part.content_type,
        "url": f"{url}?part={part.number}",
        "preview_url": "",
        "state": "ok",
    }


def _download(mail: Kept, number: str) -> FileResponse:
    """Hand out a file to save, never to open here: this is the site's origin."""
    part = next((part for part in mail.parts if str(part.number) == number), None)
    if part is None:
        raise Http404
    return FileResponse(
        BytesIO(part.content),
        as_attachment=True,
        filename=safe_filename(part.name),
        content_type="application/octet-stream",
        headers={"X-Content-Type-Options": "nosniff"},
    )
