/** The trust panel: that we are we, what waits for the customer's word, and the freeze. The server writes it; here it acts. */
import { browserSupportsWebAuthn } from "@simplewebauthn/browser";
import { ceremony, failureOf } from "../shared/passkeys";
import type { Api } from "./api";
import { Refusal } from "./refusal";

const LOOK_MS = 15_000;

export interface TrustOptions {
  api: Api;
  place: HTMLElement;
  button: HTMLElement;
  /** Whether looking makes sense: it is known who sits there, and the page is looked at. */
  canLook: () => boolean;
  begin: () => Promise<void>;
  /** Another panel makes room for this one. */
  onOpen: () => void;
}

export class Trust {
  isOpen = false;
  private last = "";
  private isBusy = false;

  constructor(private readonly options: TrustOptions) {
    options.button.addEventListener("click", () => this.show(!this.isOpen));
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

  /** Read it again, unless a person is in the middle of it. */
  async look(): Promise<void> {
    const { api, canLook, place } = this.options;
    const isInUse = (): boolean => this.isBusy || place.querySelector(":is(a, button, input, summary):focus") !== null;
    if (isInUse() || !canLook()) return;
    // Who looks here first of all becomes a visitor.
    if (!api.token && this.isOpen) await this.options.begin().catch(() => undefined);
    if (!api.token) return;
    const { token } = api;
    const html = await api.trust("").catch(() => "");
    // Nothing moves under the hand that has come meanwhile.
    if (html && token === api.token && !isInUse()) this.render(html);
  }

  private render(html: string): void {
    const { place, button } = this.options;
    if (html === this.last) return;
    this.last = html;
    place.innerHTML = html;
    const waiting = Number(place.querySelector<HTMLElement>("[data-waiting]")?.dataset["waiting"] ?? 0);
    button.toggleAttribute("data-alert", waiting > 0);
  }

  private async act(form: HTMLFormElement): Promise<void> {
    const door = form.dataset["trust"];
    if (this.isBusy || !door) return;
    this.busy(form, true);
    const given = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)]));
    try {
      const body = door === "approve/" ? { ...given, ...(await this.proven(given["action"] ?? "")) } : given;
      this.last = "";
      this.render(await this.options.api.trust(door, body));
      this.options.place.querySelector<HTMLElement>("[data-said], h3")?.focus();
    } catch (error) {
      this.tell(form, error);
    } finally {
      this.busy(form, false);
    }
  }

  private async proven(action: string): Promise<{ check: string; response: string }> {
    if (!browserSupportsWebAuthn()) throw new Error("unsupported");
    const { check, options } = await this.options.api.challenge(action);
    return { check, response: await ceremony("get", options as Parameters<typeof ceremony>[1]) };
  }

  private busy(form: HTMLFormElement, is: boolean): void {
    this.isBusy = is;
    form.toggleAttribute("aria-busy", is);
  }

  private tell(form: HTMLFormElement, error: unknown): void {
    const place = form.querySelector<HTMLElement>("[data-problem]");
    if (!place) return;
    const words = error instanceof Refusal ? error.detail || place.dataset["away"] : place.dataset[failureOf(error)];
    place.hidden = false;
    place.textContent = words ?? "";
  }
}
