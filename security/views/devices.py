"""One's own devices that show notifications while no page is open: turning on, turning off, and being there again."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.services import push_devices
from security import client
from security.access import staff_required
from security.forms import BAD_DEVICE, PushDeviceForm, SeenDeviceForm
from security.views.account import session_of


@require_POST
@staff_required(None)
def turn_on(request: HttpRequest) -> HttpResponse:
    """Show notifications in the browser that asks."""
    here = session_of(request)
    form = PushDeviceForm(request.POST)
    if form.is_valid():
        name = client.browser(request)
        push_devices.turn_on(person=here.staff, session=here.public_id, name=name, **form.cleaned_data)
        messages.success(request, _("Notifications reach this device from now on."))
    else:
        messages.error(request, str(BAD_DEVICE))
    return redirect(_card())


@require_POST
@staff_required(None)
def turn_off(request: HttpRequest, public_id: str) -> HttpResponse:
    """End one of one's own devices."""
    if not push_devices.turn_off(person=session_of(request).staff, public_id=public_id):
        raise Http404
    messages.success(request, _("Notifications do not reach this device any more."))
    return redirect(_card())


@require_POST
@staff_required(None)
def seen(request: HttpRequest) -> HttpResponse:
    """Note under which session the browser that asks is there now, and say whether it is this person's."""
    here = session_of(request)
    form = SeenDeviceForm(request.POST)
    is_on = form.is_valid() and push_devices.seen(
        person=here.staff, session=here.public_id, digest=form.cleaned_data["digest"]
    )
    return JsonResponse({"is_on": is_on})


def _card() -> str:
    return reverse("security:account") + "#devices"
