/** Times told relative to now, with the exact time on hover. */
const MINUTE = 60;
const HOUR = 3600;
const DAY = 86400;

export interface Told {
  value: number;
  unit: "minute" | "hour" | "day";
}

/** Seconds before (negative) or after now → the unit a person would use; null beyond six days, "now" under 45 s. */
export function told(seconds: number): Told | "now" | null {
  const size = Math.abs(seconds);
  const sign = seconds < 0 ? -1 : 1;
  if (size < 45) return "now";
  if (size < 59.5 * MINUTE) return { value: sign * Math.max(1, Math.round(size / MINUTE)), unit: "minute" };
  if (size < 23.5 * HOUR) return { value: sign * Math.round(size / HOUR), unit: "hour" };
  if (size < 6.5 * DAY) return { value: sign * Math.max(1, Math.round(size / DAY)), unit: "day" };
  return null;
}

/** Text for a moment: "5 min. ago", "yesterday", "14 Oct", "14 Oct 2025". `short` drops the "ago". */
export function relative(at: Date, now: Date, locale: string, style: "relative" | "short", justNow: string): string {
  const answer = told((at.getTime() - now.getTime()) / 1000);
  if (answer === "now") return justNow;
  if (answer) {
    if (style === "short") {
      return new Intl.NumberFormat(locale, { style: "unit", unit: answer.unit, unitDisplay: "narrow" }).format(
        Math.abs(answer.value),
      );
    }
    return new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "short" }).format(answer.value, answer.unit);
  }
  const sameYear = at.getFullYear() === now.getFullYear();
  return new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", ...(sameYear ? {} : { year: "numeric" }) }).format(at);
}

export function exact(at: Date, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "long" }).format(at);
}

/** Day and time to look forward to: "Wed, 2 Dec, 10:00". */
export function moment(at: Date, locale: string): string {
  return new Intl.DateTimeFormat(locale, {
    weekday: "short",
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
  }).format(at);
}

/** Keep every <time data-time> on the page true, now and each half minute. */
export function startDates(whenPresent: (selector: string, start: (element: HTMLElement) => void) => void, justNow: string): void {
  const locale = document.documentElement.lang || "en";
  const show = (element: HTMLElement): void => {
    const at = new Date(element.getAttribute("datetime") ?? "");
    if (Number.isNaN(at.getTime())) return;
    const style = element.dataset["time"] === "short" ? "short" : "relative";
    const isAhead = element.dataset["time"] === "moment";
    const text = isAhead ? moment(at, locale) : relative(at, new Date(), locale, style, justNow);
    if (element.textContent !== text) element.textContent = text;
  };
  whenPresent("time[data-time]", (element) => {
    const at = new Date(element.getAttribute("datetime") ?? "");
    if (!Number.isNaN(at.getTime())) element.title = exact(at, locale);
    show(element);
  });
  setInterval(() => {
    if (!document.hidden) document.querySelectorAll<HTMLElement>("time[data-time]").forEach(show);
  }, 30_000);
}

/** Whole seconds left of `seconds` that began at `start` (ms since the page opened). */
export function secondsLeft(seconds: number, start: number, now: number): number {
  return Math.max(0, Math.ceil(seconds - (now - start) / 1000));
}
