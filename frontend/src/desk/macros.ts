/** The macro whose actions happen with the message: chips in the composer, taken off again by their button. */
import { announce, find, on } from "../shared/dom";
import type { Canned } from "./slash";

const box = (): HTMLElement | null => find("[data-macro]");
const field = (): HTMLInputElement | null => find<HTMLInputElement>("[data-macro-id]");

/** Put the actions of what was inserted beside the text; a mere text leaves those that are there. */
export function chooseMacro(one: Canned): void {
  const [place, id] = [box(), field()];
  if (!place || !id || !one.actions.length) return;
  id.value = one.id;
  find("[data-macro-actions]", place)?.replaceChildren(
    ...one.actions.map((said) => Object.assign(document.createElement("li"), { className: "badge", textContent: said })),
  );
  find<HTMLAnchorElement>("[data-macro-apply]", place)?.setAttribute("href", (place.dataset["apply"] ?? "").replace("none", one.id));
  place.hidden = false;
  announce(`${place.dataset["chosen"] ?? ""}: ${one.actions.join(", ")}`);
}

export function startMacros(): void {
  on("click", "[data-macro-drop]", () => {
    const [place, id] = [box(), field()];
    if (place) place.hidden = true;
    if (id) id.value = "";
    find<HTMLTextAreaElement>("[data-composer-text]")?.focus();
  });
}
