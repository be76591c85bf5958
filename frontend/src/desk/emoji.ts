/** The emoji picker of the composer; what was used lately is kept in this browser. */
import { find, on } from "../shared/dom";
import { type Kept, toggleEmoji } from "../shared/emoji/open";

const kept: Kept = {
  get: (key) => localStorage.getItem(`pharos-desk:${key}`),
  set: (key, value) => localStorage.setItem(`pharos-desk:${key}`, value),
};

export function startEmoji(): void {
  on("click", "[data-emoji-open]", (button) => {
    const form = button.closest<HTMLElement>("[data-composer]");
    const [box, field] = form ? [find("[data-emoji]", form), find<HTMLTextAreaElement>("[data-composer-text]", form)] : [null, null];
    if (box && field) void toggleEmoji(box, button, field, kept);
  });
}
