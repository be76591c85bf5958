/** What the visitor types: that they do, and where the inbox shows it to support, the words. They are told so. */
import { TypingHint } from "../shared/typing";
import { beginning } from "../shared/whole";

const AFTERWARDS_MS = 2_600;

/** Returns what is to be called at each input. */
export function startTyping(tell: (words?: string) => boolean): { typed: () => void } {
  const shows = document.body.dataset["showsTyping"] === "yes";
  const field = document.querySelector<HTMLTextAreaElement>("[data-field]");
  const hint = new TypingHint(() => tell(shows ? beginning(field?.value ?? "", 500) : undefined));
  let timer = 0;
  return {
    typed: () => {
      hint.typed();
      clearTimeout(timer);
      // The last words are told too, when somebody pauses.
      if (shows) timer = window.setTimeout(() => field?.value && hint.typed(), AFTERWARDS_MS);
    },
  };
}
