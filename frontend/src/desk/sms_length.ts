/** The line below an SMS that is being written: how many it takes. */
import { find, on, whenPresent } from "../shared/dom";
import { lengthOf } from "./sms";

function tell(): void {
  const place = find("[data-sms-length]");
  const text = find<HTMLTextAreaElement>("[data-composer-text]");
  if (!place || !text) return;
  const { parts, left, isWide } = lengthOf(text.value.trim(), place.dataset["basic"] ?? "", place.dataset["extended"] ?? "");
  const words = (isWide ? place.dataset["wide"] : place.dataset["plain"]) ?? "";
  place.textContent = words.replace("{parts}", String(parts)).replace("{left}", String(left));
}

export function startSmsLength(): void {
  whenPresent("[data-sms-length]", tell);
  on("input", "[data-composer-text]", tell);
  on("change", "[data-composer] [name=mode]", tell);
}
