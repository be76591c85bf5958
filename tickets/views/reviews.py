"""Doors of manual reviews: starting one from a ticket, what one was drawn for, documents, and the decision.

Who opens a review was drawn for it or has started it; a role alone opens none. A form that ends with a passkey is sent
twice: without an answer it is told what the passkey must sign, with it, done.
"""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import Permission
from core.problems import plain_problem
from security.access import record_denial, staff_required
from security.models import StaffSession
from security.services import manual_reviews
from security.services.fund_actions import ActionRefusedError, Asked, Begun
from security.services.manual_reviews import Said
from security.verifier.protocol import RefusedError
from security.verifier_client import VerifierAwayError
from tickets import content_links
from tickets.forms import ReviewDecisionForm
from tickets.models import Ticket
from tickets.review_forms import ReviewStartForm
from tickets.selectors import manual_reviews as shown
from tickets.selectors.manual_reviews import ReviewShown
from tickets.views.shared import page, staff_of, takes, ticket_or_404

UNPROCESSABLE = 422
NOT_DONE = (ActionRefusedError, RefusedError, VerifierAwayError)


@require_safe
@staff_required(Permission.REVIEW_VIEW)
def home(request: HttpRequest) -> HttpResponse:
    """What this person was drawn for, and what they have started."""
    found = shown.of_person(staff_of(request))
    context = {
        "to_decide": [one for one in found if one.is_mine_to_decide],
        "others": [one for one in found if not one.is_mine_to_decide],
    }
    return page(request, "desk/reviews.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required(Permission.REVIEW_START)
@takes("ticket")
def new(request: HttpRequest) -> HttpResponse:
    """Start the review for the customer of a ticket who has lost a factor, or all of them."""
    named = request.GET.get("ticket", "")[:20]
    ticket = ticket_or_404(request, named) if named else None
    if ticket is None:
        return _start(request, None, None, _("Start it from the customer's ticket."))
    form = ReviewStartForm(request.POST if request.method == "POST" else None, customer=ticket.requester)
    if not form.choices:
        return _start(request, ticket, None, _("The policy does not allow a review for this kind of action."))
    if request.method != "POST":
        return _start(request, ticket, form, "")
    try:
        if not form.is_valid():
            raise ActionRefusedError(" ".join(str(one) for found in form.errors.values() for one in found))
        return _started(request, ticket, form.asked())
    except NOT_DONE as refused:
        if not request.POST.get("response"):
            return plain_problem(UNPROCESSABLE, "refused", str(refused))
        return _start(request, ticket, form, str(refused))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required(Permission.TICKET_VIEW)
def one(request: HttpRequest, public_id: str) -> HttpResponse:
    """One review: documents and decision for who was drawn, its state for who has started it."""
    found = _one_or_404(request, public_id)
    form = ReviewDecisionForm(request.POST or None)
    problem = ""
    if request.method == "POST":
        if not form.is_valid():
            problem = _("Say what you find, and why: confirming needs all four.")
        else:
            try:
                return _decided(request, found, form.said())
            except NOT_DONE as refused:
                problem = str(refused)
        if not request.POST.get("response"):
            return plain_problem(UNPROCESSABLE, "refused", problem)
    return _shown(request, found, form, problem)


@require_POST
@staff_required(Permission.TICKET_VIEW)
def draw(request: HttpRequest, public_id: str) -> HttpResponse:
    """Draw one more reviewer where those drawn do not decide."""
    found = _one_or_404(request, public_id)
    try:
        manual_reviews.draw_another(person=staff_of(request), review=found.review)
    except ActionRefusedError as refused:
        return _shown(request, found, ReviewDecisionForm(), str(refused))
    return redirect("desk:review", public_id)


@require_safe
@staff_required(Permission.TICKET_VIEW)
def document(request: HttpRequest, public_id: str, document_id: str) -> HttpResponseBase:
    """Lead to a document on the content origin, by a link bound to this session and good for a minute."""
    found = _one_or_404(request, public_id)
    wanted = next((one for one in found.documents if one.public_id == document_id), None)
    if wanted is None:
        raise Http404
    session: StaffSession = request.staff_session  # type: ignore[attr-defined]
    return redirect(content_links.link(session_pk=session.pk, kind="review-document", target=wanted.public_id))


def _one_or_404(request: HttpRequest, public_id: str) -> ReviewShown:
    found = shown.one(staff_of(request), public_id)
    if found is None:
        if shown.exists(public_id):
            record_denial(request, Permission.REVIEW_VIEW, obj=("manual_review", public_id))
        raise Http404
    return found


def _shown(request: HttpRequest, found: ReviewShown, form: ReviewDecisionForm, problem: str) -> HttpResponse:
    context = {"shown": found, "form": form, "problem": problem, "ticket": shown.ticket_number(found.review)}
    return page(request, "desk/review.html", context, status=UNPROCESSABLE if problem else 200)


def _begun_before(request: HttpRequest) -> tuple[Begun, dict[str, str]]:
    """Return the step-up that the first sending began, and the passkey's answer; all of it is compared anew."""
    begun = Begun(request.POST.get("public_id", "")[:20], request.POST.get("step_up", "")[:40], {})
    return begun, {"response": request.POST.get("response", "")}


def _sign(begun: Begun) -> HttpResponse:
    """Tell the browser what its passkey must sign."""
    fields = {"public_id": begun.public_id, "step_up": begun.step_up}
    return JsonResponse({"options": begun.options, "fields": fields})


def _start(request: HttpRequest, ticket: Ticket | None, form: ReviewStartForm | None, problem: str) -> HttpResponse:
    context = {"ticket": ticket, "form": form, "problem": problem}
    return page(request, "desk/review_new.html", context, status=UNPROCESSABLE if problem else 200)


def _started(request: HttpRequest, ticket: Ticket, asked: Asked) -> HttpResponse:
    person = staff_of(request)
    if not request.POST.get("response"):
        return _sign(manual_reviews.begin(person=person, asked=asked))
    begun, answer = _begun_before(request)
    review = manual_reviews.start(person=person, asked=asked, begun=begun, answer=answer, ticket_id=ticket.pk)
    return redirect("desk:review", review.public_id)


def _decided(request: HttpRequest, found: ReviewShown, said: Said) -> HttpResponse:
    person = staff_of(request)
    if not request.POST.get("response"):
        return _sign(manual_reviews.begin_decision(person=person, review=found.review, said=said))
    begun, answer = _begun_before(request)
    manual_reviews.decide(person=person, review=found.review, said=said, begun=begun, answer=answer)
    return redirect("desk:review", found.review.public_id)
