"""axe-core on the page as it stands, in the light and in the dark."""

from pathlib import Path
from typing import Literal

from playwright.sync_api import Page

from helpdesk.embedded.places import ROOT

SCRIPT = Path(ROOT) / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
# Mail in its frame is the sender's own design; our frame around it is looked at. Preloading style sheets for one rule
# (orientation locks, which we have none of) would break the page's policy from inside.
# Colours that are still on their way from one scheme to the other are not looked at: a transition that ends on a
# parent begins on its children in the next frame. What has finished within a closed menu stays in the list.
RUN = """async () => {
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  for (let calm = 0; calm < 3; calm += 1) {
    const moving = document.getAnimations().filter((one) => one.playState !== "finished");
    if (moving.length) calm = 0;
    await Promise.all(moving.map((one) => one.finished.catch(() => null)));
    await frame();
  }
  const found = await axe.run(document, { iframes: false, preload: false, resultTypes: ["violations"] });
  return found.violations.flatMap((rule) => rule.nodes.map((node) =>
    `${rule.id}: ${node.target.join(" ")}: ${(node.any[0] ?? node.all[0] ?? node.none[0])?.message ?? rule.help}`));
}"""


def violations(page: Page) -> list[str]:
    """Return what axe finds in both colour schemes, one line each."""
    found: list[str] = []
    page.evaluate(SCRIPT.read_text(encoding="utf-8"))
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found += [f"{scheme}: {line}" for line in page.evaluate(RUN)]
    return found
