/** Single keys and two-key sequences. Elements name their own key with data-shortcut; pressing it uses them. */
import { find, findAll, isTyping } from "../shared/dom";
import { Sequence, nameOf } from "./keys";
import { closeMenus, enterMenu } from "./menus";
import { showPane } from "./panes";
import { step } from "./queue";

function use(element: HTMLElement): void {
  if (element.matches("input[type=radio]")) {
    (element as HTMLInputElement).checked = true;
    element.dispatchEvent(new Event("change", { bubbles: true }));
  } else if (element.matches("input, textarea")) {
    element.focus();
    (element as HTMLInputElement).select();
  } else {
    element.click();
    // The event that a menu has opened comes later: what is typed until then must not be read as commands.
    const menu = element.closest<HTMLElement>("details[data-menu][open]");
    if (menu) enterMenu(menu);
  }
}

function escape(): void {
  if (closeMenus()) return;
  const active = document.activeElement as HTMLElement | null;
  if (isTyping(active)) return active?.blur();
  const side = find('[data-case][data-side="open"]');
  if (side) {
    side.dataset["side"] = "";
    return find(".side-open", side)?.focus();
  }
  const open = find('[data-row-link][aria-current="true"]');
  if (open) {
    showPane("queue");
    open.focus();
  }
}

const reachable = (element: HTMLElement): boolean =>
  element.matches("input[type=radio]") || element.offsetParent !== null || element.closest("details[data-menu] .menu-panel, template") !== null;

export function startKeyboard(): void {
  const sequence = new Sequence();
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    const name = nameOf(event);
    const hasDialog = find("dialog[open]") !== null;
    if (name === "Escape" && !hasDialog) return escape();
    if (!name || hasDialog || (isTyping(event.target) && name !== "mod+k")) return;
    if (event.repeat && name !== "j" && name !== "k") return;
    if (name === "j" || name === "k") {
      event.preventDefault();
      return step(name === "j" ? 1 : -1);
    }
    for (const wanted of sequence.read(name, event.timeStamp)) {
      const element = findAll(`[data-shortcut="${CSS.escape(wanted)}"]`).filter(reachable).at(-1);
      if (!element) continue;
      event.preventDefault();
      return use(element);
    }
  });
  if (/mac|iphone|ipad/i.test(navigator.platform)) {
    for (const key of findAll("[data-mod-key]")) key.textContent = "⌘ K";
    for (const key of findAll("[data-mod-key-send]")) key.textContent = "⌘";
  }
}
