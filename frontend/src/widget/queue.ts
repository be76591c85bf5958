/** While one waits: the place in the queue and how long others waited, without a promise; afterwards who answers. */
import { fill, word } from "../shared/words";
import type { Conversation, Queue } from "./conversation";

const MINUTE_S = 60;
/** The server counts no further. */
const MANY = 100;

/** What is said of the queue, sentence by sentence, as names of words. */
export function sentences({ position, usual_s, waited_s, is_attended }: Queue): { name: string; n: number }[] {
  const place = position >= MANY ? { name: "queue-many", n: MANY - 1 } : position === 1 ? { name: "queue-next", n: 1 } : { name: "queue-place", n: position };
  if (!is_attended) return [place, { name: "queue-nobody", n: 0 }];
  if (usual_s === null) return [place, { name: "queue-unknown", n: 0 }];
  if (waited_s > usual_s) return [place, { name: "queue-longer", n: 0 }];
  const minutes = Math.max(1, Math.ceil(usual_s / MINUTE_S));
  return [place, { name: minutes === 1 ? "queue-minute" : "queue-minutes", n: minutes }];
}

export function showQueue(conversation: Conversation): void {
  const place = document.querySelector<HTMLElement>("[data-queue]");
  if (!place) return;
  const digits = new Intl.NumberFormat(document.documentElement.lang);
  const { queue, agent, isOver } = conversation;
  let text = "";
  if (!isOver && queue) text = sentences(queue).map(({ name, n }) => fill(word(name), { n: digits.format(n) })).join(" ");
  else if (!isOver && agent) text = fill(word("agent"), { name: agent });
  place.hidden = !text;
  // The same sentence is not read out twice.
  if (place.textContent !== text) place.textContent = text;
}
