/** The panel of the chat by mail: where answers follow who has left. The server writes it; here it acts. */
import type { Api } from "./api";
import { Refusal } from "./refusal";

const LOOK_MS = 15_000;

export interface ByMailOptions {
  api: Api;
  place: HTMLElement;
  button: HTMLElement;
  /** Whether looking makes sense: it is known who sits there, and the page is looked at. */
  canLook: () => boolean;
  /** Another panel makes room for this one. */
  onOpen: () => void;
}

export class ByMail {
  isOpen = false;
  private last = "";
  private isBusy = false;

  constructor(private readonly options: ByMailOptions) {
    options.button.addEventListener("click", () => this.show(!this.isOpen));
    // What is offered once a conversation is over.
    document.querySelector("[data-transcript-button]")?.addEventListener("click", () => {
      this.show(true);
      options.button.focus();
    });
    options.place.addEventListener("submit", (event) => {
      event.preventDefault();
      if (event.target instanceof HTMLFormElement) void this.act(event.target);
    });
    window.setInterval(() => void this.look(), LOOK_MS);
  }

  show(isOpen: boolean): void {
    this.isOpen = isOpen;
    this.options.place.hidden = !isOpen;
    this.options.button.setAttribute("aria-expanded", String(isOpen));
    if (!isOpen) return;
    this.options.onOpen();
    void this.look();
  }

  /** Read it again while it is open, unless a person is in the middle of it. */
  async look(): Promise<void> {
    const { api, canLook, place } = this.options;
    const isInUse = (): boolean => this.isBusy || place.querySelector(":is(button, input):focus") !== null || this.hasWords();
    if (!this.isOpen || !api.token || !canLook() || isInUse()) return;
    const { token } = api;
    const html = await api.byMail("").catch(() => "");
    if (html && token === api.token && !isInUse()) this.render(html);
  }

  private hasWords(): boolean {
    return [...this.options.place.querySelectorAll("input")].some((input) => input.value !== "");
  }

  private render(html: string): void {
    if (html === this.last) return;
    this.last = html;
    this.options.place.innerHTML = html;
  }

  private async act(form: HTMLFormElement): Promise<void> {
    const door = form.dataset["mail"];
    if (this.isBusy || !door) return;
    this.isBusy = true;
    form.toggleAttribute("aria-busy", true);
    const given = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)]));
    if (door === "transcript/") given["time_zone"] = Intl.DateTimeFormat().resolvedOptions().timeZone;
    try {
      const html = await this.options.api.byMail(door, given);
      this.last = "";
      this.render(html);
      this.options.place.querySelector<HTMLElement>("[data-said], h3")?.focus();
    } catch (error) {
      const problem = form.querySelector<HTMLElement>("[data-problem]");
      if (!problem) return;
      problem.textContent = (error instanceof Refusal && error.detail) || (problem.dataset["away"] ?? "");
      problem.hidden = false;
    } finally {
      this.isBusy = false;
      form.toggleAttribute("aria-busy", false);
    }
  }
}
