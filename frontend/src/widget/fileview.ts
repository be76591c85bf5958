/** Files under a message: pictures as such, everything else by name and size; what is on its way with its progress. */
import { fill, word } from "../shared/words";
import type { SentFile } from "./conversation";
import type { WaitingFile } from "./outbox";

export function sizeText(bytes: number): string {
  const isSmall = bytes < 1_048_576;
  const unit = isSmall ? "kilobyte" : "megabyte";
  const amount = isSmall ? Math.max(1, Math.round(bytes / 1024)) : bytes / 1_048_576;
  return new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit, maximumFractionDigits: 1 }).format(amount);
}

/** Show the files of a stored message. Made once: the links of its pictures are good for a minute only. */
export function showSent(place: HTMLElement, files: readonly SentFile[]): void {
  if (!isNew(place, `sent ${files.map((file) => file.id).join(" ")}`)) return;
  place.replaceChildren(...files.map((file) => item(file.preview ? picture(file) : saved(file))));
  place.hidden = files.length === 0;
}

/** Show the files of a message that waits; `urlOf` leads to what this page has in memory. */
export function showWaiting(place: HTMLElement, files: readonly WaitingFile[], urlOf: (id: string) => string): void {
  if (!isNew(place, `waiting ${files.map((file) => file.id).join(" ")}`)) return;
  const lines = files.map((file) => {
    const url = urlOf(file.id);
    return item(url ? image(url, file.name) : named(file));
  });
  const bar = document.createElement("progress");
  bar.max = 1;
  bar.value = 0;
  bar.setAttribute("aria-label", word("uploading"));
  place.replaceChildren(...lines, ...(files.length ? [item(bar)] : []));
  place.hidden = files.length === 0;
}

export function showProgress(place: HTMLElement, share: number | undefined, isFailed: boolean): void {
  const bar = place.querySelector("progress");
  if (!bar) return;
  bar.value = share ?? 0;
  bar.hidden = isFailed;
}

function isNew(place: HTMLElement, what: string): boolean {
  if (place.dataset["files"] === what) return false;
  place.dataset["files"] = what;
  return true;
}

function item(...inside: Node[]): HTMLElement {
  const element = document.createElement("li");
  element.append(...inside);
  return element;
}

function image(url: string, alt: string): HTMLImageElement {
  const found = document.createElement("img");
  Object.assign(found, { src: url, alt, className: "chat-pic" });
  return found;
}

function button(file: SentFile): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.dataset["save"] = file.id;
  made.title = fill(word("save"), { name: file.name, size: sizeText(file.size) });
  return made;
}

function picture(file: SentFile): HTMLElement {
  const made = button(file);
  const shown = image(file.preview, file.name);
  made.setAttribute("aria-label", made.title);
  // Too late for the link, or too much to be drawn: it can be saved all the same.
  const instead = (): void => {
    made.removeAttribute("aria-label");
    made.className = "chat-file";
    shown.replaceWith(...named(file).childNodes);
  };
  shown.addEventListener("error", instead, { once: true });
  made.append(shown);
  return made;
}

function saved(file: SentFile): HTMLElement {
  if (file.is_blocked) {
    const blocked = document.createElement("span");
    blocked.className = "chat-file";
    blocked.textContent = fill(word("blocked"), { name: file.name });
    return blocked;
  }
  const made = button(file);
  made.className = "chat-file";
  made.append(...named(file).childNodes);
  return made;
}

function named(file: { name: string; size: number }): HTMLElement {
  const line = document.createElement("span");
  line.className = "chat-file";
  const name = document.createElement("bdi");
  name.textContent = file.name;
  line.append(name, ` ${sizeText(file.size)}`);
  return line;
}
