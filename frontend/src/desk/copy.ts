/** Buttons that copy an exact value, and say so. */
import { announce, on } from "../shared/dom";

export function startCopy(): void {
  on("click", "[data-copy]", (button) => {
    void navigator.clipboard.writeText(button.dataset["copy"] ?? "").then(() => announce(button.dataset["done"] ?? ""));
  });
}
