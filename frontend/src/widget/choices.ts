/** Buttons below the conversation: words that a bot proposes. Pressing one says them; writing does as well. */
import type { Conversation } from "./conversation";

const place = (): HTMLElement => document.querySelector<HTMLElement>("[data-choices]") as HTMLElement;

export function startChoices(choose: (words: string) => void): void {
  place().addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    if (!button) return;
    choose(button.textContent);
    document.querySelector<HTMLElement>("[data-field]")?.focus();
  });
}

/** Once something is on its way, nothing is proposed any more. */
export function showChoices(conversation: Conversation, isWaiting: boolean): void {
  const words = conversation.isOver || isWaiting ? [] : conversation.choices;
  const list = place();
  list.hidden = words.length === 0;
  const shown = [...list.querySelectorAll("button")].map((one) => one.textContent);
  if (JSON.stringify(shown) === JSON.stringify(words)) return;
  list.replaceChildren(
    ...words.map((one) => {
      const [item, button] = [document.createElement("li"), document.createElement("button")];
      Object.assign(button, { type: "button", className: "chat-btn", textContent: one });
      item.append(button);
      return item;
    }),
  );
}
