/** Menus made of <details>: one open at a time, arrows move, Escape closes, a field filters. */
import { find, findAll, on } from "../shared/dom";

const openMenus = (): HTMLDetailsElement[] => findAll<HTMLDetailsElement>("details[data-menu][open]");

export function closeMenus(except?: Element | null): boolean {
  const open = openMenus().filter((menu) => menu !== except);
  for (const menu of open) menu.open = false;
  return open.length > 0;
}

const itemsOf = (menu: HTMLElement): HTMLElement[] =>
  findAll(".menu-item, .segmented button, [data-menu-filter], .menu-panel .btn", menu).filter((item) => item.offsetParent !== null);

function move(menu: HTMLElement, by: number): void {
  const items = itemsOf(menu);
  const at = items.indexOf((document.activeElement as HTMLElement).closest<HTMLElement>(".menu-item, button, input") ?? document.body);
  const next = items[(at + by + items.length) % items.length];
  (next?.matches("label") ? find("input", next) : next)?.focus();
}

/** Put the focus into an open menu, unless it is there already. */
export function enterMenu(menu: HTMLElement): void {
  const panel = find(".menu-panel", menu);
  if (panel?.contains(document.activeElement)) return;
  (find("[data-menu-filter]", menu) ?? itemsOf(menu).find((item) => item.matches('[aria-current="true"]')) ?? itemsOf(menu)[0])?.focus({
    preventScroll: true,
  });
}

export function startMenus(): void {
  document.addEventListener("click", (event) => {
    const inside = (event.target as Element).closest("details[data-menu]");
    closeMenus(inside);
  });
  document.addEventListener(
    "toggle",
    (event) => {
      const menu = event.target;
      if (!(menu instanceof HTMLDetailsElement) || !menu.matches("[data-menu]") || !menu.open) return;
      closeMenus(menu);
      enterMenu(menu);
    },
    true,
  );
  on("keydown", "details[data-menu][open]", (menu, event) => {
    const filter = event.target instanceof HTMLInputElement && event.target.matches("[data-menu-filter]") ? event.target : null;
    if (event.key === "Escape") {
      (menu as HTMLDetailsElement).open = false;
      find("summary", menu)?.focus();
    } else if (event.key === "ArrowDown") move(menu, 1);
    else if (event.key === "ArrowUp") move(menu, -1);
    else if (event.key === "Enter" && filter) itemsOf(menu).find((item) => item.dataset["menuText"])?.click();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  on("input", "[data-menu-filter]", (field) => {
    const wanted = (field as HTMLInputElement).value.trim().toLocaleLowerCase();
    for (const item of findAll("[data-menu-text]", field.closest("details") ?? document)) {
      item.hidden = !item.dataset["menuText"]?.toLocaleLowerCase().includes(wanted);
    }
  });
}
