/** The panel: open and closed, what stands above and below the messages, and the field one writes in. */
import { counted, word } from "../shared/words";

export interface PanelOptions {
  onSend: (text: string) => void;
  hasFiles: () => boolean;
  onInput: () => void;
  onEnd: () => void;
  onRetry: (id: string) => void;
  onDiscard: (id: string) => void;
  onToggle: (isOpen: boolean) => void;
}

const TYPING_MS = 5_000;

export class Panel {
  isOpen = false;
  private typingTimer: number | undefined;
  private readonly field = get<HTMLTextAreaElement>("[data-field]");
  private readonly launcher = get<HTMLButtonElement>("[data-launcher]");
  private readonly chat = get("[data-chat]");
  private readonly isApp = document.body.dataset["app"] === "yes";

  constructor(private readonly options: PanelOptions) {
    this.launcher.addEventListener("click", () => this.show(!this.isOpen));
    get("[data-close]").addEventListener("click", () => this.show(false));
    get("[data-end]").addEventListener("click", () => this.askEnd(true));
    get("[data-end-no]").addEventListener("click", () => this.askEnd(false));
    get("[data-end-yes]").addEventListener("click", () => {
      this.askEnd(false);
      options.onEnd();
    });
    get("[data-composer]").addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    this.field.addEventListener("keydown", (event) => {
      // Enter that ends a word of an input method is not meant for us.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.send();
    });
    this.field.addEventListener("input", () => options.onInput());
    this.chat.addEventListener("keydown", (event) => event.key === "Escape" && this.show(false));
    get("[data-messages]").addEventListener("click", (event) => {
      const button = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-retry], [data-discard]") : null;
      const id = button?.closest<HTMLElement>("[data-id]")?.dataset["id"];
      if (!button || !id) return;
      if (button.matches("[data-retry]")) options.onRetry(id);
      else options.onDiscard(id);
      this.field.focus();
    });
  }

  show(isOpen: boolean): void {
    if (isOpen === this.isOpen) return;
    this.isOpen = isOpen;
    document.body.dataset["open"] = isOpen ? "yes" : "no";
    // In the exchange's app the chat is all there is to show, and the keyboard stays where it is.
    this.chat.hidden = !isOpen && !this.isApp;
    this.launcher.hidden = isOpen || this.isApp;
    this.launcher.setAttribute("aria-expanded", String(isOpen));
    this.options.onToggle(isOpen);
    if (!this.isApp) (isOpen ? (firstInForm() ?? this.field) : this.launcher).focus();
  }

  /** Show the launcher: nobody presses what does nothing yet. */
  offer(): void {
    this.launcher.hidden = this.isOpen || this.isApp;
  }

  /** Close the question that stands above the conversation; false when there is none. */
  back(): boolean {
    if (get("[data-end-question]").hidden) return false;
    this.askEnd(false);
    return true;
  }

  banner(name: string): void {
    const place = get("[data-banner]");
    const text = name ? word(name) : "";
    place.hidden = !text;
    if (place.textContent !== text) place.textContent = text;
  }

  notice(text: string): void {
    const place = get("[data-notice]");
    place.hidden = !text;
    place.textContent = text;
  }

  /** Somebody of ours is writing: told until nothing is heard of it for a while, or the message is there. */
  typing(isTyping: boolean): void {
    clearTimeout(this.typingTimer);
    get("[data-typist]").textContent = isTyping ? word("typing") : "";
    if (isTyping) this.typingTimer = window.setTimeout(() => this.typing(false), TYPING_MS);
  }

  unread(count: number): void {
    const badge = get("[data-unread]");
    badge.hidden = count === 0;
    badge.textContent = count > 99 ? "99+" : String(count);
    this.launcher.setAttribute("aria-label", count ? `${word("open")} – ${counted(badge, count)}` : word("open"));
  }

  conversation(hasMessages: boolean, canEnd: boolean, isOver: boolean): void {
    get("[data-empty]").hidden = hasMessages;
    get("[data-end]").hidden = !canEnd;
    // What has ended can be had by mail.
    get("[data-transcript]").hidden = !hasMessages || canEnd || !isOver;
    if (!canEnd) this.askEnd(false);
  }

  private askEnd(isAsked: boolean): void {
    const question = get("[data-end-question]");
    if (question.hidden !== isAsked) return;
    question.hidden = !isAsked;
    (isAsked ? get("[data-end-no]") : this.field).focus();
  }

  private send(): void {
    const text = this.field.value;
    if (!text.trim() && !this.options.hasFiles()) return;
    this.field.value = "";
    this.options.onSend(text);
    this.field.focus();
  }
}

/** Where one begins when a form, or the way to one, stands in the field's place. */
export function firstInForm(): HTMLElement | undefined {
  const found = document.querySelectorAll<HTMLElement>(":is([data-prechat], [data-leave], [data-again]) :is(input, textarea, button)");
  return [...found].find((one) => one.offsetParent !== null);
}

function get<T extends HTMLElement = HTMLElement>(selector: string): T {
  const found = document.querySelector<T>(selector);
  if (!found) throw new Error(`no ${selector}`);
  return found;
}
