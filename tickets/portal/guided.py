"""Guided forms at the portal: a request that opens with one precise sentence."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core import idempotency, rate_limits
from security.customer_access import customer_required, session_here
from security.services import exchange_reads
from security.services.exchange_reads import MovementShown
from tickets import contact_work
from tickets.guided_forms import GuidedPageForm, answers_of, assets, fields_of, uploaded_of
from tickets.models import GuidedForm, GuidedKind
from tickets.portal.forms import new_files
from tickets.portal.requests import UNPROCESSABLE, tell_of_masks
from tickets.selectors import guided as forms
from tickets.selectors import portal
from tickets.services import errors, guided
from tickets.views.shared import takes

# Hashes that the exchange is asked about for one customer.
LOOKED_UP_PER_MIN = 10


@dataclass(frozen=True, slots=True)
class Known:
    """What the exchange says of a transaction hash."""

    digest: str
    movements: Sequence[MovementShown]


@require_http_methods(["GET", "HEAD", "POST"])
@customer_required
@takes()
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """One form; what was filled in stays in it until it can be taken."""
    form = forms.form(slug)
    if form is None:
        raise Http404
    form_key = request.POST.get("form_key", "")[: contact_work.LONGEST_KEY]
    form_key = form_key if contact_work.is_ours(form_key) else contact_work.new_key()
    if request.method != "POST":
        return _shown(request, form, GuidedPageForm(), form_key)
    given = GuidedPageForm(request.POST, request.FILES)
    if not given.is_valid():
        return _shown(request, form, given, form_key, problem=_("Look at the marked fields again."))
    if (known := _known(request, form)) is not None:
        return _shown(request, form, given, form_key, known=known)
    try:
        public_id = _opened_once(request, form, given.cleaned_data, form_key)
    except guided.AnswersRefused as refused:
        problem = _("Look at the marked fields again.")
        return _shown(request, form, given, form_key, problem=problem, problems=refused.problems)
    except errors.Refused as refused:
        return _shown(request, form, given, form_key, problem=str(refused.message))
    except idempotency.KeyReused:
        problem = _("This form has already opened a request. Send it again to open another one.")
        return _shown(request, form, given, contact_work.new_key(), problem=problem)
    return redirect("portal:request", public_id)


def _shown(
    request: HttpRequest,
    form: GuidedForm,
    given: GuidedPageForm,
    form_key: str,
    *,
    problem: str = "",
    problems: dict[str, str] | None = None,
    known: Known | None = None,
) -> HttpResponse:
    language = get_language() or "en"
    context = {
        "title": forms.said(form.name, form.name_zh_hans, language),
        "lead": forms.said(form.lead, form.lead_zh_hans, language),
        "is_urgent": form.is_urgent,
        "slug": form.topic.slug,
        "form": given,
        "form_key": form_key,
        "fields": fields_of(form, language, request.POST if request.method == "POST" else None, problems),
        "assets": assets(),
        "uploaded": forms.waiting(contact_work.name_of(form_key), uploaded_of(request.POST)),
        "max_file": settings.MAX_UPLOAD_BYTES,
        "already": portal.open_already(session_here(request).customer, form.topic),
        "movements": known.movements if known else (),
        "seen": known.digest if known else request.POST.get("seen", "")[: exchange_reads.LONGEST_HASH],
        "problem": problem,
    }
    return render(request, "portal/guided.html", context, status=UNPROCESSABLE if problem else 200)


def _known(request: HttpRequest, form: GuidedForm) -> Known | None:
    """Return what the exchange knows of the hash that was filled in, once, before a request is opened about it.

    Nothing while answers are wrong, and nothing with files, which the page could not keep; an exchange that is away
    keeps nobody from asking.
    """
    if request.FILES:
        return None
    try:
        filled = guided.fill(guided.Given(form=form, answers=answers_of(form, request.POST)))
        digest = next((row.value for row in filled.rows if row.kind == GuidedKind.TX_HASH), "")
        if not digest or request.POST.get("seen") == digest:
            return None
        customer = session_here(request).customer
        spent = rate_limits.spend(scope="portal:looked-up", who=customer.public_id, limit=LOOKED_UP_PER_MIN)
        if spent is not None and spent.is_over:
            return None
        found = exchange_reads.own_movements(customer=customer, digest=digest)
    except (guided.AnswersRefused, exchange_reads.ExchangeAway):
        return None
    return Known(digest, found) if found else None


def _opened_once(request: HttpRequest, form: GuidedForm, cleaned: dict[str, Any], form_key: str) -> str:
    """Open the request, or find the one this copy of the form opened. Raises Refused, KeyReused."""
    customer = session_here(request).customer
    given = guided.Given(
        form=form,
        answers=answers_of(form, request.POST),
        text=cleaned["text"],
        files=new_files(cleaned["attached"]),
        language=get_language() or "en",
        copy=contact_work.name_of(form_key),
        uploaded=uploaded_of(request.POST),
    )

    def act() -> tuple[int, Any]:
        ticket = guided.open_for_customer(customer=customer, given=given)
        tell_of_masks(request, ticket.messages.get(seq=1).redactions)
        return 302, ticket.public_id

    said = {**given.answers, "text": given.text, "form": form.public_id}
    said["files"] = " ".join([*given.uploaded, *(f"{one.name}:{len(one.content)}" for one in given.files)])
    _status, public_id, _replayed = idempotency.once(
        actor=f"{customer.actor.kind}:{customer.actor.id}",
        key=f"portal:guided {contact_work.name_of(form_key)}",
        request_body=json.dumps(said, sort_keys=True).encode(),
        act=act,
    )
    return str(public_id)
