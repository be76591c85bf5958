"""The public web form: anybody may write, without signing in; nothing they write is mailed to anybody."""

import json
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from core import idempotency, rate_limits
from security.customer_access import session_of
from tickets import captcha, contact_work
from tickets.guided_forms import ContactForm, answers_of, assets, fields_of, uploaded_of
from tickets.models import GuidedForm
from tickets.portal.forms import new_files
from tickets.selectors import guided as forms
from tickets.services import errors, guided
from tickets.views.shared import takes

UNPROCESSABLE, TOO_MANY = 422, 429


@never_cache
@require_safe
@takes()
def home(request: HttpRequest) -> HttpResponse:
    """What happened? Each answer leads to its form."""
    return render(request, "contact/home.html", {"links": forms.links(get_language() or "en")})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@takes()
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """One form. Whoever is signed in at the portal is led to the same form there, where they are proven."""
    form = forms.form(slug)
    if form is None:
        raise Http404
    if request.method != "POST":
        if session_of(request) is not None:
            return redirect("portal:guided", slug)
        return _shown(request, form, ContactForm(), contact_work.new_key())
    given = ContactForm(request.POST, request.FILES)
    form_key = request.POST.get("form_key", "")[: contact_work.LONGEST_KEY]
    is_worked = contact_work.is_done(form_key, request.POST.get("work", ""))
    if not contact_work.is_ours(form_key):
        problem = _("This form was open for too long. Look at it once more and send it again.")
        return _shown(request, form, given, contact_work.new_key(), problem=problem)
    if not given.is_valid():
        problems = guided.problems(_given(request, form, given, form_key))
        return _shown(request, form, given, form_key, problem=_look_again(), problems=problems)
    if _is_over(request, is_worked=is_worked):
        problem = _("That was a lot at once. Wait a minute, then send it again.")
        return _shown(request, form, given, form_key, problem=problem, status=TOO_MANY)
    if not captcha.is_passed(request):
        problem = _("Answer the question above the button first.")
        return _shown(request, form, given, form_key, problem=problem)
    return _open(request, form, given, form_key, is_worked=is_worked)


def _open(
    request: HttpRequest, form: GuidedForm, given: ContactForm, form_key: str, *, is_worked: bool
) -> HttpResponse:
    try:
        number = _opened_once(request, form, given, form_key, is_worked=is_worked)
    except guided.AnswersRefused as refused:
        return _shown(request, form, given, form_key, problem=_look_again(), problems=refused.problems)
    except errors.Refused as refused:
        return _shown(request, form, given, form_key, problem=str(refused.message))
    except idempotency.KeyReused:
        problem = _("This form has already opened a request. Send it again to open another one.")
        return _shown(request, form, given, contact_work.new_key(), problem=problem)
    return render(request, "contact/sent.html", {"number": number, "is_urgent": form.is_urgent})


def _shown(
    request: HttpRequest,
    form: GuidedForm,
    given: ContactForm,
    form_key: str,
    *,
    problem: str = "",
    problems: dict[str, str] | None = None,
    status: int = UNPROCESSABLE,
) -> HttpResponse:
    language = get_language() or "en"
    context = {
        "title": forms.said(form.name, form.name_zh_hans, language),
        "lead": forms.said(form.lead, form.lead_zh_hans, language),
        "is_urgent": form.is_urgent,
        "slug": form.topic.slug,
        "form": given,
        "form_key": form_key,
        "work_bits": settings.CONTACT_WORK_BITS,
        "captcha": captcha.html(request),
        "fields": fields_of(form, language, request.POST if request.method == "POST" else None, problems),
        "assets": assets(),
        "uploaded": forms.waiting(contact_work.name_of(form_key), uploaded_of(request.POST)),
        "max_file": settings.MAX_UPLOAD_BYTES,
        "problem": problem,
    }
    return render(request, "contact/form.html", context, status=status if problem else 200)


def _opened_once(
    request: HttpRequest, form: GuidedForm, page_form: ContactForm, form_key: str, *, is_worked: bool
) -> int:
    """Open the ticket, or find the one this copy of the form opened; return its number. Raises Refused, KeyReused."""
    given, address = _given(request, form, page_form, form_key), page_form.cleaned_data["address"]

    def act() -> tuple[int, Any]:
        ticket = guided.open_for_stranger(address=address, given=given, is_confirmed=is_worked)
        return 200, ticket.number

    said = {**given.answers, "text": given.text, "form": form.public_id, "address": address}
    said["files"] = " ".join([*given.uploaded, *(f"{one.name}:{len(one.content)}" for one in given.files)])
    _status, number, _replayed = idempotency.once(
        actor="anonymous:contact",
        key=contact_work.name_of(form_key),
        request_body=json.dumps(said, sort_keys=True).encode(),
        act=act,
    )
    return int(number)


def _given(request: HttpRequest, form: GuidedForm, page_form: ContactForm, form_key: str) -> guided.Given:
    cleaned = page_form.cleaned_data
    return guided.Given(
        form=form,
        answers=answers_of(form, request.POST),
        text=cleaned.get("text", ""),
        files=new_files(cleaned.get("attached", [])),
        language=get_language() or "en",
        copy=contact_work.name_of(form_key),
        uploaded=uploaded_of(request.POST),
    )


def _is_over(request: HttpRequest, *, is_worked: bool) -> bool:
    """Count one message of this network address, and one of everybody's; whether it is one too many."""
    limits = settings.CONTACT_PER_MIN
    kind = "worked" if is_worked else "plain"
    calls = [
        rate_limits.Call(f"contact:{kind}", str(request.META.get("REMOTE_ADDR", "")), limits[kind]),
        rate_limits.Call("contact", "all", limits["all"]),
    ]
    return any(spent is not None and spent.is_over for spent in rate_limits.spend_all(calls))


def _look_again() -> str:
    return _("Look at the marked fields again.")
