/** The counts beside the views, read again when some may have moved. */
import { getJson } from "../shared/http";

const PAUSE_MS = 400;
let timer: number | undefined;

async function readCounts(): Promise<void> {
  const url = document.body.dataset["countsUrl"];
  if (!url) return;
  const answer = await getJson<{ counts: Record<string, string> }>(url).catch(() => null);
  if (!answer) return;
  for (const [slug, text] of Object.entries(answer.counts)) {
    for (const place of document.querySelectorAll(`[data-count="${CSS.escape(slug)}"]`)) {
      place.textContent = text;
      place.toggleAttribute("data-zero", text === "0");
    }
  }
}

/** Many events in a burst lead to one reading. */
export function countsSoon(): void {
  clearTimeout(timer);
  timer = window.setTimeout(() => void readCounts(), PAUSE_MS);
}
