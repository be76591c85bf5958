"""Acts about devices that show notifications: turning on and off, being there again, a trial, and what tells them."""

from functools import partial

from accounts.models import PushDevice, Staff
from accounts.services import push_devices
from core.ids import new_public_id
from tests.contracts.permissions.acts import Prepared, Sending, act, at, browser, person
from tests.support.push_service import Browser
from tickets import outbound_tasks
from tickets.models import PushMessage
from tickets.services import push_messages


def device_of(who: Staff) -> PushDevice:
    """Return a device of `who` that nothing reaches."""
    posted = Browser(f"https://127.0.0.1/{new_public_id()}").posted
    return push_devices.turn_on(person=who, session=new_public_id(), name="Firefox, Linux", **posted)


@act("POST security:device_on", "accounts.PushDevice")
def turn_a_device_on() -> Prepared:
    who = person()
    posted = Browser(f"https://push.example/{new_public_id()}").posted
    return Sending(browser(who), at("security:device_on"), posted, actor=who.actor)


@act("POST security:device_off", "accounts.PushDevice")
def turn_a_device_off() -> Prepared:
    who = person()
    return Sending(browser(who), at("security:device_off", device_of(who).public_id), actor=who.actor)


@act("POST security:device_here", "accounts.PushDevice")
def be_there_in_place_of_another() -> Prepared:
    who = person()
    data = {"digest": device_of(person()).digest}
    return Sending(browser(who), at("security:device_here"), data, actor=who.actor)


@act("POST desk:device_try", "tickets.PushMessage")
def send_a_trial() -> Prepared:
    who = person()
    return Sending(browser(who), at("desk:device_try", device_of(who).public_id), actor=who.actor)


@act("task tickets.deliver_push", "tickets.PushMessage", "accounts.PushDevice")
def tell_a_device() -> Prepared:
    who = person()
    push_messages.try_out(by=who, public_id=device_of(who).public_id)
    return partial(outbound_tasks.deliver_push, PushMessage.objects.latest("pk").pk)
