"""Notifications on a device: turned on by keyboard, shown by the service worker, opened, turned off; what goes wrong is said.

A browser without a head reaches no push service: what one would answer to the page stands in for it, and the browser's
own debugger pushes to the worker. All else is real.
"""

import json

import pytest
from playwright.sync_api import BrowserContext, Page, Worker, expect

from accounts.models import PushDevice
from tests.browser import axe
from tests.browser.conftest import Hire, OpenContext, OpenDesk
from tests.browser.test_escalation import narrow
from tests.support.push_service import Browser
from tests.support.system import RunningSystem

pytestmark = pytest.mark.xdist_group("system")
# As long as `withService` is set; before that the browser's own answer, which is that there is none.
PUSH_SERVICE = """(posted) => {
  const manager = PushManager.prototype, own = manager.subscribe;
  const made = () => localStorage.getItem("subscribed") && {
    endpoint: posted.endpoint,
    toJSON: () => ({ endpoint: posted.endpoint, keys: { p256dh: posted.browser_key, auth: posted.auth } }),
    unsubscribe: async () => { localStorage.removeItem("subscribed"); return true; },
  };
  manager.subscribe = async function (options) {
    if (!localStorage.getItem("withService")) return own.call(this, options);
    if (!options.userVisibleOnly || !options.applicationServerKey) throw new Error("no key");
    localStorage.setItem("subscribed", "1");
    return made();
  };
  manager.getSubscription = async () => made() || null;
}"""
SHOWN = """async () => {
  const found = await navigator.serviceWorker.getRegistration("/desk/");
  return (await found.getNotifications()).map((one) => [one.title, one.body, one.tag]);
}"""
PRESS = """async () => {
  const opened = new Promise((resolve) => { clients.openWindow = async (url) => resolve(url); });
  const [notification] = await registration.getNotifications();
  self.dispatchEvent(new NotificationEvent("notificationclick", { notification }));
  return opened;
}"""


def pushed(context: BrowserContext, page: Page, origin: str, said: dict[str, str]) -> Worker:
    """Push this to the desk's service worker and return it, once it shows something."""
    debugger = context.new_cdp_session(page)
    registrations: list[str] = []
    debugger.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: registrations.extend(one["registrationId"] for one in event["registrations"]),
    )
    debugger.send("ServiceWorker.enable")
    page.wait_for_function("() => navigator.serviceWorker.getRegistration('/desk/').then((found) => !!found?.active)")
    debugger.send(
        "ServiceWorker.deliverPushMessage",
        {"origin": origin, "registrationId": registrations[-1], "data": json.dumps(said)},
    )
    page.wait_for_function(f"async () => (await ({SHOWN})()).length > 0")
    return context.service_workers[0]


def test_device__turned_on_by_keyboard__shows_what_is_pushed_and_opens_it(
    hire: Hire, open_context: OpenContext, running_system: RunningSystem
) -> None:
    person = hire()
    context = open_context(person, service_workers="allow")
    context.grant_permissions(["notifications"], origin=running_system.url)
    posted = json.dumps(Browser("https://push.example/one").posted)
    context.add_init_script(f"({PUSH_SERVICE})({posted})")
    page = context.new_page()
    page.goto(f"{running_system.url}/account/")
    card = page.get_by_role("region", name="Notifications on this device")
    button = card.get_by_role("button", name="Turn on for this device")
    expect(button).to_be_visible()
    assert axe.violations(page) == []
    button.press("Enter")
    expect(card.get_by_text("This browser reached no push service")).to_be_visible()
    page.evaluate("localStorage.setItem('withService', '1')")
    button.press("Enter")
    expect(page.get_by_text("Notifications reach this device from now on.")).to_be_visible()
    expect(card.get_by_text("This one")).to_be_visible()
    expect(button).to_be_hidden()
    narrow(page)
    said = {"title": "Escalation: ticket #7", "body": "Missed.", "path": "/desk/escalations/", "tag": "run"}
    worker = pushed(context, page, running_system.url, said)
    assert page.evaluate(SHOWN) == [["Escalation: ticket #7", "Missed.", "run"]]
    assert worker.evaluate(PRESS) == f"{running_system.url}/desk/escalations/"
    # A path that leads elsewhere does not.
    worker = pushed(context, page, running_system.url, said | {"path": "https://elsewhere.example/"})
    assert worker.evaluate(PRESS) == f"{running_system.url}/desk/"
    card.get_by_role("button", name="Turn off notifications").press("Enter")
    expect(page.get_by_text("Notifications do not reach this device any more.")).to_be_visible()
    assert not PushDevice.objects.filter(staff=person).exists()
    assert page.evaluate("localStorage.getItem('subscribed')") is None


def test_device__in_a_browser_that_refuses__is_told_so_in_chinese(hire: Hire, open_desk: OpenDesk) -> None:
    page = open_desk(hire(locale="zh-hans"), "/account/", is_live=False)
    page.add_init_script("Object.defineProperty(Notification, 'permission', { get: () => 'denied' })")
    page.reload()
    expect(
        page.get_by_role("region", name="此设备上的通知").get_by_text("此浏览器已阻止本网站的通知。")
    ).to_be_visible()
    narrow(page)
