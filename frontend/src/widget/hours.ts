/** Hours in which nobody is there: says when we are back, in the reader's time, and takes a question that is answered by mail. */
import { fill, word } from "../shared/words";
import type { Api } from "./api";
import { newId } from "./outbox";
import { Refusal } from "./refusal";

const LOOK_MS = 15_000;

export interface Hours {
  is_open: boolean;
  /** The next moments at which that turns, each into its contrary; none where nobody knows. */
  changes: string[];
}

/** Whether somebody is there at `now` (ms). */
export function isOpen(hours: Hours, now: number): boolean {
  return hours.is_open !== (passed(hours, now) % 2 === 1);
}

/** When somebody is back; "" where somebody is there, and where nobody knows. */
export function backAt(hours: Hours, now: number): string {
  return isOpen(hours, now) ? "" : (hours.changes[passed(hours, now)] ?? "");
}

function passed(hours: Hours, now: number): number {
  return hours.changes.filter((at) => now >= Date.parse(at)).length;
}

/** A moment in the reader's own time zone, with its day. */
export function whenText(at: string, locale: string, timeZone?: string): string {
  const style = { weekday: "long", day: "numeric", month: "long", hour: "numeric", minute: "2-digit", timeZoneName: "short" } as const;
  return new Intl.DateTimeFormat(locale, timeZone ? { ...style, timeZone } : style).format(new Date(at));
}

export interface AfterHoursOptions {
  api: Api;
  hours: Hours;
  begin: () => Promise<void>;
  onChange: () => void;
}

export class AfterHours {
  private isSkipped = false;
  private id = newId();
  private readonly form = get<HTMLFormElement>("[data-leave]");

  constructor(private readonly options: AfterHoursOptions) {
    // Nobody else looks while there is no conversation.
    if (options.hours.changes.length) window.setInterval(() => options.onChange(), LOOK_MS);
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.leave();
    });
    get("[data-leave-chat]").addEventListener("click", () => {
      this.isSkipped = true;
      options.onChange();
      (document.querySelector<HTMLElement>("[data-prechat]:not([hidden]) button") ?? get("[data-field]")).focus();
    });
    get("[data-leave-more]").addEventListener("click", () => {
      this.id = newId();
      this.done("");
      get("[data-leave-text]").focus();
    });
  }

  /** Say when we are back, and offer the form instead of a new conversation. Returns whether it stands there. */
  show(isNew: boolean): boolean {
    const { hours } = this.options;
    const [isClosed, back] = [!isOpen(hours, Date.now()), backAt(hours, Date.now())];
    const notice = get("[data-closed]");
    notice.hidden = !isClosed;
    const text = back ? fill(word("back-at"), { when: whenText(back, document.documentElement.lang) }) : word("away");
    if (isClosed && notice.textContent !== text) notice.textContent = text;
    const isAsked = isClosed && isNew && !this.isSkipped;
    this.form.hidden = !isAsked;
    return isAsked;
  }

  private async leave(): Promise<void> {
    const address = get<HTMLInputElement>("[data-leave-address]");
    const text = get<HTMLTextAreaElement>("[data-leave-text]");
    const button = get("[data-leave-send]");
    if (button.getAttribute("aria-busy") === "true") return;
    button.setAttribute("aria-busy", "true");
    this.problem("");
    try {
      await this.options.begin();
      const number = await this.options.api.leave(this.id, text.value, address.value);
      this.done(fill(word("thanks"), { number, address: address.value.trim() }));
      text.value = "";
    } catch (error) {
      this.problem((error instanceof Refusal && error.detail) || word("unreached-now"));
      address.focus();
    } finally {
      button.removeAttribute("aria-busy");
    }
  }

  private problem(words: string): void {
    const place = get("[data-leave-problem]");
    place.textContent = words;
    place.hidden = !words;
  }

  private done(words: string): void {
    get("[data-leave-fields]").hidden = words !== "";
    get("[data-left]").hidden = words === "";
    get("[data-left-text]").textContent = words;
    if (words) get("[data-leave-more]").focus();
  }
}

function get<T extends HTMLElement = HTMLElement>(selector: string): T {
  return document.querySelector<T>(selector) as T;
}
