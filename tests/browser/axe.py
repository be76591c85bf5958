"""axe-core on the page as it stands, in the light and in the dark."""

from pathlib import Path
from typing import Literal

from playwright.sync_api import Frame, Page

from helpdesk.embedded.places import ROOT

SCRIPT = Path(ROOT) / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
# Mail in its frame is the sender's own design; our frame around it is looked at. Preloading style sheets for one rule
# (orientation locks, which we have none of) would break the page's policy from inside.
# Colours that are still on their way from one scheme to the other are not looked at: a transition that ends on a
# parent begins on its children in the next frame. What has finished within a closed menu stays in the list, and what
# has begun in one that is closed by now may never end: nothing of it is painted.
RUN = """async (rules) => {
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  for (let calm = 0; calm < 3; calm += 1) {
    const moving = document.getAnimations().filter(
      (one) => one.playState !== "finished" && one.effect?.target?.checkVisibility());
    if (moving.length) calm = 0;
    await Promise.all(moving.map((one) => one.finished.catch(() => null)));
    await frame();
  }
  const found = await axe.run(document, {
    iframes: false, preload: false, resultTypes: ["violations"], ...(rules && { runOnly: { type: "rule", values: rules } }),
  });
  return found.violations.flatMap((rule) => rule.nodes.map((node) =>
    `${rule.id}: ${node.target.join(" ")}: ${(node.any[0] ?? node.all[0] ?? node.none[0])?.message ?? rule.help}`));
}"""

# What may differ between the schemes; all else is the same page, and is looked at once.
OF_COLOURS = ["color-contrast", "link-in-text-block"]


def seen(page: Page, frame: Page | Frame) -> list[str]:
    """Return what axe finds in one frame of a page, which knows it already: everything in the light, colours in the dark."""
    found: list[str] = []
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        rules = None if scheme == SCHEMES[0] else OF_COLOURS
        found += [f"{scheme}: {line}" for line in frame.evaluate(RUN, rules)]
    return found


def violations(page: Page) -> list[str]:
    """Return what axe finds in both colour schemes, one line each."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(SCRIPT.read_text(encoding="utf-8"))
    return seen(page, page)
