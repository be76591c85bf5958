/** The messages of the open ticket: fetch what is new, put it below, never move what is being read. */
import { announce, find, findAll, insertHtml, on, whenPresent } from "../shared/dom";
import { getFragment } from "../shared/http";
import { counted, fill, word } from "../shared/words";

const NEAR_END_PX = 120;
/** As many messages as one answer holds (SINCE_MAX on the server): after so many there may be more. */
const FULL_ANSWER = 200;
let running: Promise<void> | null = null;
let again = false;
let unseen = 0;

const openCase = (): HTMLElement | null => find("[data-case]");

export function openTicket(): string | null {
  return openCase()?.dataset["case"] ?? null;
}

/** Highest seq shown. */
export function lastSeq(): number {
  return Number(openCase()?.dataset["lastSeq"] ?? 0);
}

/** Fetch and append everything after the last seq shown. Calls that come meanwhile lead to one more round. */
export function syncTimeline(isOwn = false): Promise<void> {
  if (running) {
    again = true;
    return running;
  }
  running = fetchNew(isOwn).finally(() => {
    running = null;
    if (again) {
      again = false;
      void syncTimeline(isOwn);
    }
  });
  return running;
}

async function fetchNew(isOwn: boolean): Promise<void> {
  const open = openCase();
  const list = open && find("[data-messages]", open);
  if (!open || !list) return;
  const html = await getFragment(`${open.dataset["timelineUrl"]}?since=${lastSeq()}`).catch(() => "");
  // The person may have gone to another ticket while this was on its way.
  if (openCase() !== open || !html.trim()) return;
  const wasAtEnd = isAtEnd();
  const added: HTMLElement[] = [];
  for (const element of insertHtml(list, "beforeend", html)) {
    const seq = Number(element.dataset["seq"] ?? 0);
    if (seq <= lastSeq()) {
      element.remove();
      continue;
    }
    open.dataset["lastSeq"] = String(seq);
    element.classList.add("msg-new");
    added.push(element);
  }
  if (added.length >= FULL_ANSWER) again = true;
  arrived(added, wasAtEnd || isOwn);
}

/** Fetch one message again: its delivery state changed, or it was withdrawn. */
export async function refreshMessage(seq: number): Promise<void> {
  const open = openCase();
  const old = find(`#m-${seq}`);
  if (!open || !old) return syncTimeline();
  const html = await getFragment(`${open.dataset["timelineUrl"]}?only=${seq}`).catch(() => "");
  if (!html.trim() || !old.isConnected) return;
  insertHtml(old, "afterend", html);
  old.remove();
}

function arrived(added: HTMLElement[], follow: boolean): void {
  const messages = added.filter((element) => element.matches("article"));
  const theirs = messages.filter((element) => element.matches(".msg-in"));
  const last = theirs.at(-1);
  if (last) announce(fill(word("new-message"), { name: find(".msg-who", last)?.textContent ?? "" }));
  if (follow) return toEnd();
  unseen += messages.length;
  showJump();
}

function isAtEnd(): boolean {
  const box = find("[data-timeline]");
  return !box || box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END_PX;
}

function toEnd(): void {
  const box = find("[data-timeline]");
  if (box) box.scrollTop = box.scrollHeight;
  unseen = 0;
  showJump();
  markSeen();
}

function showJump(): void {
  const jump = find("[data-jump]");
  const text = jump && find("[data-jump-text]", jump);
  if (!jump || !text) return;
  jump.hidden = unseen === 0;
  if (unseen > 0) text.textContent = counted(text, unseen);
}

/** Tell the composer how far the agent has read: only what was in view on a visible page counts. */
function markSeen(): void {
  const seen = find<HTMLInputElement>("[data-seen-seq]");
  if (!seen || document.hidden || !isAtEnd()) return;
  if (find("[data-composer] [name=intent][value=send_anyway]")) return;
  const shown = findAll("[data-public-seq]").map((message) => Number(message.dataset["publicSeq"]));
  seen.value = String(Math.max(Number(seen.value), ...shown));
}

export function startTimeline(): void {
  whenPresent("[data-timeline]", (box) => {
    unseen = 0;
    const target = location.hash.startsWith("#m-") ? find(location.hash) : null;
    if (target) target.scrollIntoView({ block: "center" });
    else box.scrollTop = box.scrollHeight;
    box.addEventListener(
      "scroll",
      () => {
        if (!isAtEnd()) return;
        if (unseen) unseen = 0;
        showJump();
        markSeen();
      },
      { passive: true },
    );
  });
  on("click", "[data-jump] button", toEnd);
  document.addEventListener("visibilitychange", markSeen);
  // Older messages are put above: keep what is being read where it is.
  document.addEventListener("htmx:before:swap", (event) => {
    if (!(event.target as Element | null)?.closest?.("[data-earlier]")) return;
    const box = find("[data-timeline]");
    if (!box) return;
    const fromEnd = box.scrollHeight - box.scrollTop;
    new MutationObserver((_, observer) => {
      box.scrollTop = box.scrollHeight - fromEnd;
      observer.disconnect();
    }).observe(box, { childList: true, subtree: true });
  });
}

