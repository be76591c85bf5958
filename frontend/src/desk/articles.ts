/** Articles beside a case: put into the answer as a link or as text, where the caret is. */
import { announce, find, on } from "../shared/dom";

export function startArticles(): void {
  on("click", "[data-insert-article]", (button) => {
    const field = find<HTMLTextAreaElement>("[data-composer-text]");
    if (!field) return;
    const before = field.value.slice(0, field.selectionStart);
    const gap = before && !before.endsWith("\n") ? "\n" : "";
    field.setRangeText(`${gap}${button.dataset["insertArticle"] ?? ""}\n`, field.selectionStart, field.selectionEnd, "end");
    field.focus();
    // The draft and the typing hint hear of it as of any typing.
    field.dispatchEvent(new Event("input", { bubbles: true }));
    announce(button.dataset["inserted"] ?? "");
  });
}
