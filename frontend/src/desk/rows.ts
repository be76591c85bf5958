/** Reading queue rows out of server HTML, and telling whether one says anything new. */
import { findAll } from "../shared/dom";

export function rowsIn(html: string): HTMLElement[] {
  const page = document.createElement("template");
  page.innerHTML = html;
  return [...page.content.querySelectorAll<HTMLElement>("[data-row]")];
}

/** What a row says, without what this page added to it: an equal row is left alone, so that a click is not lost. */
export function contentOf(row: HTMLElement): string {
  const copy = row.cloneNode(true) as HTMLElement;
  for (const time of findAll("time", copy)) time.replaceChildren(time.getAttribute("datetime") ?? "");
  return findAll("*", copy)
    .filter((element) => element.childElementCount === 0)
    .map((element) => `${element.className}${element.getAttribute("href") ?? ""}${element.textContent?.trim()}`)
    .join("|");
}
