"""Doors of bulk changes: choosing, confirming, watching, stopping, undoing."""

import zlib
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Staff
from accounts.permissions import Permission
from security.access import staff_required
from tickets import actions as vocabulary
from tickets.action_forms import ActionFields
from tickets.actions import Action, Kind
from tickets.models import BulkChange, CannedReply
from tickets.models.bulk import MOST
from tickets.models.ticket import TicketQuerySet
from tickets.selectors import action_words, canned, queue
from tickets.selectors import bulk as shown
from tickets.selectors.listings import Listing, UnknownOrderError
from tickets.services import actions, bulk, errors
from tickets.views.listed import wanted_of
from tickets.views.queue import listing_or_404
from tickets.views.shared import page, staff_of, takes, wants_fragment

REFUSED = 422
ALL, CHOSEN = "all", "chosen"
GO = "go"


class BulkForm(ActionFields):
    """Which of a list, and what to do to them."""

    scope = forms.ChoiceField(choices=[(ALL, _("All that match")), (CHOSEN, _("Only those chosen below"))])
    macro = forms.ChoiceField(label=_("Macro"), required=False)
    sends = forms.BooleanField(label=_("Also send the macro’s text to each customer"), required=False)

    def __init__(self, *args: object, person: Staff, **more: object) -> None:
        super().__init__(*args, person=person, **more)
        self.macros = {one.public_id: one for one in canned.macros(person)}
        choices = [("", _("No macro")), *((key, one.title) for key, one in self.macros.items())]
        self.fields["macro"] = forms.ChoiceField(label=_("Macro"), choices=choices, required=False)

    @property
    def chosen_macro(self) -> CannedReply | None:
        """The macro, if one was chosen."""
        return self.macros.get(self.cleaned_data["macro"])

    @property
    def wanted(self) -> tuple[Action, ...]:
        """What the macro does, with what was chosen beside it in the place of the same kind."""
        macro = self.chosen_macro
        found = {action.kind: action for action in action_words.read(macro.actions)} if macro else {}
        found |= {action.kind: action for action in self.actions}
        if macro is not None and macro.text.strip() and self.cleaned_data["sends"]:
            found[Kind.REPLY] = Action(Kind.REPLY, macro.text, macro.text_zh_hans)
        return tuple(found.values())


@require_safe
@staff_required(Permission.TICKET_UPDATE)
@takes()
def home(request: HttpRequest) -> HttpResponse:
    """One's own bulk changes, the newest first."""
    return page(request, "desk/bulk.html", {"changes": shown.listed(staff_of(request))})


@require_http_methods(["GET", "HEAD", "POST"])
@staff_required(Permission.TICKET_UPDATE)
@takes("view", "q", "sort", "group")
def new(request: HttpRequest) -> HttpResponseBase:
    """Choose tickets of a list and what to do to them; confirm it; begin."""
    person = staff_of(request)
    teams = queue.visible_teams(person)
    try:
        found = listing_or_404(request, request.GET.get("view", "open"), teams, wanted_of(request))
    except UnknownOrderError:
        return HttpResponseBadRequest("There is no such order.")
    if found.tickets is None:
        return HttpResponseBadRequest("The conditions of this list cannot be read.")
    form = BulkForm(request.POST or None, person=person, initial={"scope": ALL})
    context: dict[str, Any] = {"form": form, "listing": found, "total": _total(found.tickets), "most": MOST}
    if request.method == "POST" and form.is_valid():
        try:
            answer = _confirmed(request, form, found)
        except errors.Refused as refused:
            form.add_error(None, str(refused))
        else:
            if isinstance(answer, BulkChange):
                return redirect("desk:bulk_one", answer.public_id)
            return page(request, "desk/bulk_confirm.html", {**context, **answer})
    context |= {"rows": found.page(person, teams).rows, "chosen": request.POST.getlist("ticket")}
    return page(request, "desk/bulk_new.html", context, status=REFUSED if request.method == "POST" else 200)


@require_safe
@staff_required(Permission.TICKET_VIEW)
@takes()
def one(request: HttpRequest, change_id: str) -> HttpResponse:
    """How far it is; as a fragment for the page that asks again."""
    change = _own(request, change_id)
    context: dict[str, Any] = {"change": shown.shown(change)}
    if change.is_over:
        reasons = shown.reasons(change, staff_of(request))
        context["reasons"] = [(errors.sentence_of(reason.code), reason) for reason in reasons]
    return page(request, "desk/_bulk_change.html" if wants_fragment(request) else "desk/bulk_one.html", context)


@require_POST
@staff_required(Permission.TICKET_VIEW)
def stop(request: HttpRequest, change_id: str) -> HttpResponse:
    """Leave the rest undone."""
    bulk.stop(change=_own(request, change_id), by=staff_of(request))
    return redirect("desk:bulk_one", change_id)


@require_POST
@staff_required(Permission.TICKET_VIEW)
def undo(request: HttpRequest, change_id: str) -> HttpResponse:
    """Make the tickets what they were."""
    change = _own(request, change_id)
    try:
        made = bulk.undo(change=change, by=staff_of(request))
    except errors.Refused as refused:
        context = {"change": shown.shown(change), "problem": str(refused)}
        return page(request, "desk/bulk_one.html", context, status=REFUSED)
    return redirect("desk:bulk_one", made.public_id)


def _own(request: HttpRequest, change_id: str) -> BulkChange:
    change = shown.find(staff_of(request), change_id)
    if change is None:
        raise Http404
    return change


def _total(tickets: TicketQuerySet) -> int:
    return tickets.order_by()[: MOST + 1].count()


def _confirmed(request: HttpRequest, form: BulkForm, found: Listing) -> BulkChange | dict[str, Any]:
    """Begin what was confirmed, or return what has to be confirmed first: how many, and what. Raises Refused."""
    person, tickets = staff_of(request), found.tickets
    if tickets is None:
        raise bulk.NoTickets
    if form.cleaned_data["scope"] == CHOSEN:
        tickets = tickets.filter(public_id__in=request.POST.getlist("ticket")[: queue.PAGE_SIZE])
    keys = list(tickets.order_by("pk").values_list("pk", flat=True)[: MOST + 1])
    wish = actions.plan(form.wanted, by=person)
    if not wish.actions:
        raise actions.NothingToDo
    if not keys:
        raise bulk.NoTickets
    if len(keys) > MOST:
        raise bulk.TooMany
    # What was confirmed is these actions on these tickets; where either is another meanwhile, it is asked again.
    meant = f"{vocabulary.written(wish.actions)} {keys}"
    mark = f"{len(keys)}-{zlib.crc32(meant.encode()):08x}"
    if request.POST.get("step") == GO and request.POST.get("mark") == mark:
        source = f"{found.name} {found.wanted.q}".strip()
        return bulk.begin(by=person, tickets=keys, wanted=wish.actions, macro=form.chosen_macro, source=source)
    given = [(name, value) for name, values in request.POST.lists() for value in values if name not in KEPT_OUT]
    return {
        "count": len(keys),
        "mark": mark,
        "sentences": action_words.described(vocabulary.written(wish.actions), person),
        "is_sent": wish.has(Kind.REPLY),
        "given": given,
    }


KEPT_OUT = frozenset({"csrfmiddlewaretoken", "step", "mark"})
