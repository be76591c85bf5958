"""Setting up the authenticator, which stands before anything else for those who have none."""

import base64
import io
from typing import Any

import qrcode
import qrcode.image.svg
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from security import access, selectors
from security.forms import CodeForm
from security.services import sign_in, totp
from security.services.totp import Enrolment, Verdict
from security.views.signing import UNAVAILABLE, UNPROCESSABLE, locked, problem_of

GROUP = 4


@never_cache
@require_http_methods(["GET", "POST"])
def enrol(request: HttpRequest) -> HttpResponse:
    """Show the secret of the person half-way in; a first right code opens their session and shows recovery codes."""
    person = sign_in.person_half_way(request)
    if person is None:
        return redirect("security:sign_in")
    enrolment = totp.enrolment(person=person)
    # With a passkey nobody gets by with a password and a secret of their own making.
    if enrolment is None or selectors.has_passkey(person):
        return redirect("security:second_factor")
    form = CodeForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        status = UNPROCESSABLE if request.method == "POST" else 200
        return render(request, "security/enrol.html", _context(form, enrolment), status=status)
    next_path = access.safe_next(sign_in.next_path(request))
    verdict, codes = sign_in.finish_enrolment(request, person=person, code=form.cleaned_data["code"])
    if verdict is Verdict.ACCEPTED:
        return render(request, "security/recovery_codes.html", {"codes": codes, "next": next_path})
    if verdict is Verdict.LOCKED:
        return locked(request, selectors.factor_state(person).locked_until)
    if verdict is Verdict.AWAY:
        form.add_error(None, problem_of(verdict))
        return render(request, "security/enrol.html", _context(form, enrolment), status=UNAVAILABLE)
    form.add_error("code", _("This code is not right. Type the one the app shows now."))
    return render(request, "security/enrol.html", _context(form, enrolment), status=UNPROCESSABLE)


def _context(form: CodeForm, enrolment: Enrolment) -> dict[str, Any]:
    secret = enrolment.secret
    groups = [secret[at : at + GROUP] for at in range(0, len(secret), GROUP)]
    return {"form": form, "qr_svg": qr_svg(enrolment.uri), "secret_groups": groups}


def qr_svg(text: str) -> str:
    """Return a QR code as a data: URI of an SVG picture; nothing leaves the page."""
    picture = qrcode.make(text, image_factory=qrcode.image.svg.SvgPathFillImage, border=2)
    buffer = io.BytesIO()
    picture.save(buffer)
    return "data:image/svg+xml;base64," + base64.b64encode(buffer.getvalue()).decode()
