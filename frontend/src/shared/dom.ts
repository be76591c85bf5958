/** Finding elements, running code for each one that appears, and speaking to screen readers. */
import htmx from "htmx.org";

export function find<T extends HTMLElement = HTMLElement>(selector: string, root: ParentNode = document): T | null {
  return root.querySelector<T>(selector);
}

export function findAll<T extends HTMLElement = HTMLElement>(selector: string, root: ParentNode = document): T[] {
  return [...root.querySelectorAll<T>(selector)];
}

/** The ancestor (or the element itself) that an event came from, or null. */
export function from<T extends HTMLElement = HTMLElement>(event: Event, selector: string): T | null {
  return event.target instanceof Element ? event.target.closest<T>(selector) : null;
}

/** Listen on the document for events inside elements that match, now or later. */
export function on<K extends keyof DocumentEventMap>(
  name: K,
  selector: string,
  handle: (element: HTMLElement, event: DocumentEventMap[K]) => void,
): void {
  document.addEventListener(name, (event) => {
    const element = from(event, selector);
    if (element) handle(element, event);
  });
}

/** Run `start` once for each matching element, also for those that arrive later. */
export function whenPresent(selector: string, start: (element: HTMLElement) => void): void {
  const seen = new WeakSet<HTMLElement>();
  const scan = (root: ParentNode): void => {
    const found = findAll(selector, root);
    if (root instanceof HTMLElement && root.matches(selector)) found.unshift(root);
    for (const element of found) {
      if (seen.has(element)) continue;
      seen.add(element);
      start(element);
    }
  };
  scan(document);
  new MutationObserver((changes) => {
    for (const change of changes) {
      for (const node of change.addedNodes) if (node instanceof HTMLElement) scan(node);
    }
  }).observe(document.body, { childList: true, subtree: true });
}

/** A copy of the first element of a <template>. */
export function cloneOf(id: string): HTMLElement {
  const template = document.getElementById(id);
  if (!(template instanceof HTMLTemplateElement)) throw new Error(`no template ${id}`);
  return template.content.firstElementChild?.cloneNode(true) as HTMLElement;
}

/** Put server HTML beside or inside an element, wake htmx in it, and return what was added. */
export function insertHtml(target: HTMLElement, where: InsertPosition, html: string): HTMLElement[] {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  const added = [...holder.content.children].filter((node): node is HTMLElement => node instanceof HTMLElement);
  if (where === "afterbegin" || where === "beforebegin") added.reverse();
  for (const element of added) {
    target.insertAdjacentElement(where, element);
    htmx.process(element);
  }
  return where === "afterbegin" || where === "beforebegin" ? added.reverse() : added;
}

/** Say something to screen readers: politely, or at once for failures. */
export function announce(text: string, how: "polite" | "assertive" = "polite"): void {
  const region = find(`[data-live="${how}"]`);
  if (!region || !text) return;
  region.textContent = "";
  // A new text node after an empty one is what makes the same sentence be read twice.
  requestAnimationFrame(() => {
    region.textContent = text;
  });
}

/** Is the person typing, so that single keys are letters and not commands? */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !["radio", "checkbox", "button", "submit", "file"].includes(target.type);
  return target.isContentEditable || target.matches("textarea, select");
}
