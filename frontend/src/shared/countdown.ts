/** Deadlines that count down to the second. The server says when something is due and what time it is; the page's own clock is never asked. */

/** Server's milliseconds less those since the page opened; the answer that took the shortest way is nearest the truth. */
let ahead = Number.NEGATIVE_INFINITY;

/** Learn what time it is from a moment that the server wrote down and that was here `seen` ms after the page opened. */
export function learn(now: number, seen: number): void {
  if (Number.isFinite(now)) ahead = Math.max(ahead, now - seen);
}

/** The server's time, `at` ms after the page opened. */
export function serverTime(at: number): number {
  return ahead + at;
}

/** Whole seconds until `due`; a second that has begun is left. Negative once it has passed. */
export function secondsUntil(due: number, now: number): number {
  return Math.ceil((due - now) / 1000);
}

/** "4:05", "1:02:03", "2d 03:00:00" (days as the page's language has them); with a minus once it has passed. */
export function counted(seconds: number, language = "en"): string {
  const size = Math.abs(seconds);
  const two = (value: number): string => String(Math.floor(value)).padStart(2, "0");
  const [days, hours, minutes] = [Math.floor(size / 86400), Math.floor((size % 86400) / 3600), (size % 3600) / 60];
  const tail = `${two(minutes)}:${two(size % 60)}`;
  const unit = { style: "unit", unit: "day", unitDisplay: "narrow" } as const;
  const text = days ? `${new Intl.NumberFormat(language, unit).format(days)} ${two(hours)}:${tail}` : hours ? `${hours}:${tail}` : `${Math.floor(minutes)}:${two(size % 60)}`;
  return seconds < 0 ? `−${text}` : text;
}

function show(element: HTMLElement): void {
  const now = serverTime(performance.now());
  const due = Date.parse(element.getAttribute("datetime") ?? "");
  if (Number.isNaN(due)) return;
  const text = counted(secondsUntil(due, now), document.documentElement.lang || "en");
  if (element.textContent !== text) element.textContent = text;
  const warn = Date.parse(element.dataset["warn"] ?? "");
  const badge = element.parentElement;
  badge?.classList.toggle("tone-bad", due <= now);
  badge?.classList.toggle("tone-warn", due > now && warn <= now);
}

/** Count every <time data-due> on the page down, each second. */
export function startCountdowns(whenPresent: (selector: string, start: (element: HTMLElement) => void) => void): void {
  const [page] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  // What was in the page itself was written when its first byte came; what is read later, just now.
  let isOfPage = true;
  whenPresent("time[data-due]", (element) => {
    learn(Date.parse(element.dataset["now"] ?? ""), isOfPage && page ? page.responseStart : performance.now());
    show(element);
  });
  isOfPage = false;
  setInterval(() => {
    if (!document.hidden) document.querySelectorAll<HTMLElement>("time[data-due]").forEach(show);
  }, 1000);
}
