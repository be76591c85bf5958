/** Prepared words: one press puts them into the composer where the caret is, on lines of their own. */
import { announce, find, on } from "../shared/dom";

export function startPrepared(): void {
  on("click", "[data-insert-words]", (button) => {
    const text = find<HTMLTextAreaElement>("[data-composer-text]");
    if (!text) return;
    const before = text.value.slice(0, text.selectionStart);
    const words = `${before && !before.endsWith("\n") ? "\n" : ""}${button.dataset["insertWords"] ?? ""}`;
    text.setRangeText(words, text.selectionStart, text.selectionEnd, "end");
    text.focus();
    // The draft hears of it as of any typing.
    text.dispatchEvent(new Event("input", { bubbles: true }));
    announce(button.dataset["inserted"] ?? "");
  });
}
