"""What a browser complains about while a test runs: broken policies and uncaught errors, never failed requests."""

import re
from dataclasses import dataclass, field

from playwright.sync_api import ConsoleMessage, Page

# Chromium's words for a broken Content-Security-Policy; failed requests are the tests' own business.
POLICY = re.compile(r"content security policy|refused to|violates the following", re.IGNORECASE)
# Chromium's sentence does not name the culprit; the event does.
NAME_THE_CULPRIT = """document.addEventListener("securitypolicyviolation", (event) => console.warn(
  "Content Security Policy:", event.violatedDirective, event.blockedURI, event.sourceFile, event.lineNumber,
  event.target instanceof Element ? event.target.outerHTML.slice(0, 200) : ""));"""


@dataclass
class Watch:
    """Collects breaches from every page it is shown."""

    breaches: list[str] = field(default_factory=list)

    def page(self, page: Page) -> None:
        """Listen to `page` from now on."""
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.breaches.append(f"{page.url}: {error}"))

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and POLICY.search(message.text):
            self.breaches.append(f"{message.location.get('url')}: {message.text}")
