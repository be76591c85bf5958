/** A message that shows by itself beside the launcher: asked for when a page and the time on it fit; the server decides. */
import type { Api } from "./api";
import { matches } from "./paths";

/** On which pages, and after how many seconds there, asking makes sense. */
export interface Trigger {
  paths: string[];
  after_s: number;
}

export interface ProactiveOptions {
  api: Pick<Api, "proactive" | "answerProactive">;
  triggers: readonly Trigger[];
  /** Become a visitor: nobody else is shown anything. */
  begin: () => Promise<void>;
  /** Whether one may be shown at all: nobody talks to us, the chat is closed, it is known who sits there. */
  canShow: () => boolean;
  isOpen: () => boolean;
  /** The chat is to be opened. */
  onOpen: () => void;
  onChange: () => void;
}

const SECOND_MS = 1_000;
// Below the bubble, above it, and its border.
const AROUND_PX = 26;

export class Proactive {
  private show = "";
  private path = "";
  private stayedS = 0;
  private asked = new Set<number>();
  private isAsking = false;
  private readonly bubble = get("[data-nudge]");
  private readonly said = get("[data-nudge-said]");
  private readonly context = get("[data-nudge-context]");

  constructor(private readonly options: ProactiveOptions) {
    if (!options.triggers.length) return;
    get("[data-nudge-open]").addEventListener("click", () => options.onOpen());
    get("[data-nudge-dismiss]").addEventListener("click", () => this.dismiss());
    this.bubble.addEventListener("keydown", (event) => event.key === "Escape" && this.dismiss());
    // The page gives the frame the room that the words take at its width.
    new ResizeObserver(() => options.onChange()).observe(this.bubble);
    window.setInterval(() => this.tick(), SECOND_MS);
  }

  /** How much height the bubble needs; 0 while there is none. */
  get heightPx(): number {
    return this.show && !this.bubble.hidden ? this.bubble.scrollHeight + AROUND_PX : 0;
  }

  /** The visitor came to a page: the time there begins. */
  came(path: unknown): void {
    if (typeof path !== "string" || path === this.path) return;
    this.path = path;
    this.stayedS = 0;
    this.asked.clear();
  }

  /** The chat was opened or closed: opened over a message, it is about that message. */
  toggled(isOpen: boolean): void {
    if (!isOpen || !this.show) return;
    void this.options.api.answerProactive(this.show, "opened").catch(() => undefined);
    this.context.hidden = false;
    this.context.textContent = this.bubble.querySelector("[data-nudge-text]")?.textContent ?? "";
    this.hide();
  }

  private tick(): void {
    if (document.hidden || !this.path) return;
    this.stayedS += 1;
    for (const { paths, after_s } of this.options.triggers) {
      if (this.asked.has(after_s) || after_s > this.stayedS || !paths.some((one) => matches(one, this.path))) continue;
      if (this.isAsking || this.show || !this.options.canShow()) return;
      this.asked.add(after_s);
      return void this.ask();
    }
  }

  private async ask(): Promise<void> {
    this.isAsking = true;
    const { path } = this;
    try {
      await this.options.begin();
      const found = await this.options.api.proactive(path, this.stayedS);
      if (found.show && !this.options.isOpen()) this.appear(found.show, found.text);
    } catch {
      // Nobody misses it.
    } finally {
      this.isAsking = false;
    }
  }

  private appear(show: string, text: string): void {
    this.show = show;
    get("[data-nudge-text]").textContent = text;
    this.bubble.hidden = false;
    // Told politely; the focus stays where the visitor has it.
    this.said.textContent = text;
    this.options.onChange();
  }

  private dismiss(): void {
    if (!this.show) return;
    void this.options.api.answerProactive(this.show, "dismissed").catch(() => undefined);
    this.hide();
    get("[data-launcher]").focus();
  }

  private hide(): void {
    this.show = "";
    this.bubble.hidden = true;
    this.said.textContent = "";
    this.options.onChange();
  }
}

function get<T extends HTMLElement = HTMLElement>(selector: string): T {
  return document.querySelector<T>(selector) as T;
}
