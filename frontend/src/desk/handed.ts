/** A chat that has become one's own without one's doing, handed over by a colleague, is said once. */
import { find, findAll } from "../shared/dom";
import { fill, word } from "../shared/words";
import { toast } from "./toasts";

/** Compare what comes with what is shown; those of the first look, and the open case, are known. */
export function welcome(fresh: HTMLElement, shown: HTMLElement): void {
  const isFirst = shown.dataset["read"] !== "yes";
  shown.dataset["read"] = "yes";
  for (const link of isFirst ? [] : findAll("[data-my-chat]", fresh)) {
    const id = CSS.escape(link.dataset["myChat"] ?? "");
    if (find(`[data-my-chat="${id}"], [data-case="${id}"]`)) continue;
    toast(fill(word("chat-yours"), { name: find(".name", link)?.textContent ?? "" }));
  }
}
