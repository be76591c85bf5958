/** Who begins no conversation for a time reads until when, and which other ways there are; the security panel stays. */
import { fill, word } from "../shared/words";
import type { Conversation } from "./conversation";
import { whenText } from "./hours";

/** Called after what may be written was shown: where no conversation can be begun, nothing is to be written. */
export function showBlocked({ blockedUntil }: Conversation): void {
  const isBlocked = blockedUntil !== "" && Date.parse(blockedUntil) > Date.now();
  const place = document.querySelector("[data-held]") as HTMLElement;
  const text = isBlocked ? fill(word("held-back"), { when: whenText(blockedUntil, document.documentElement.lang) }) : "";
  place.hidden = !isBlocked;
  if (place.textContent !== text) place.textContent = text;
  if (!isBlocked) return;
  for (const name of ["composer", "prechat", "again"]) (document.querySelector(`[data-${name}]`) as HTMLElement).hidden = true;
  if (document.querySelector<HTMLElement>("[data-leave]")?.hidden) (document.querySelector("[data-log]") as HTMLElement).hidden = false;
}
