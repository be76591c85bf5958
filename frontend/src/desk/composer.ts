/** Reply and note: the mode, the draft kept on the server, and sending by keyboard. */
import { find, isTyping, on, whenPresent } from "../shared/dom";
import { Problem, postForm } from "../shared/http";
import { waitMs } from "./backoff";

const PAUSE_MS = 700;

type DraftState = "saved" | "saving" | "failed" | "elsewhere" | "";

/** Saves one composer's text; a newer composer gets a newer keeper. */
class DraftKeeper {
  private timer: number | null = null;
  private busy = false;
  private attempt = 0;
  private sent: string;

  constructor(private readonly form: HTMLFormElement) {
    this.sent = this.snapshot();
  }

  get isDirty(): boolean {
    return this.form.isConnected && this.snapshot() !== this.sent;
  }

  changed(): void {
    if (!this.isDirty) return;
    this.wait(PAUSE_MS);
  }

  private wait(ms: number): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.save(), ms);
  }

  async save(keepalive = false): Promise<void> {
    if (this.busy && !keepalive) return this.wait(PAUSE_MS);
    if (!this.isDirty) return;
    const now = this.snapshot();
    this.busy = true;
    this.show("saving");
    try {
      const response = await postForm(this.form.dataset["draftUrl"] ?? "", this.fields(), keepalive);
      this.accept(((await response.json()) as { draft_version: number }).draft_version);
      this.sent = now;
      this.attempt = 0;
      this.show("saved");
    } catch (error) {
      this.failed(error);
    } finally {
      this.busy = false;
    }
    if (this.isDirty && this.attempt === 0) this.wait(PAUSE_MS);
  }

  private failed(error: unknown): void {
    if (error instanceof Problem && error.status === 409) return this.show("elsewhere");
    this.show("failed");
    // A refusal will be refused again; silence and overload may pass.
    if (error instanceof Problem && error.status >= 400 && error.status < 500 && error.status !== 429) return;
    this.wait(waitMs(++this.attempt + 1));
  }

  private accept(version: number): void {
    const field = find<HTMLInputElement>("[data-draft-version]", this.form);
    if (field && version) field.value = String(version);
  }

  private fields(): URLSearchParams {
    const all = new FormData(this.form);
    const picked = new URLSearchParams();
    for (const name of ["mode", "body", "cc", "draft_version"]) picked.set(name, String(all.get(name) ?? ""));
    return picked;
  }

  private snapshot(): string {
    const fields = this.fields();
    fields.delete("draft_version");
    return fields.toString();
  }

  private show(state: DraftState): void {
    const place = find("[data-draft-state]", this.form);
    if (!place) return;
    place.dataset["state"] = state === "elsewhere" ? "failed" : state;
    place.textContent = state ? (place.dataset[state] ?? "") : "";
  }
}

let keeper: DraftKeeper | null = null;

function showMode(form: HTMLElement, focus: boolean): void {
  const mode = find<HTMLInputElement>("[name=mode]:checked", form)?.value ?? "reply";
  const text = find<HTMLTextAreaElement>("[data-composer-text]", form);
  if (!text) return;
  text.placeholder = (mode === "note" ? text.dataset["placeholderNote"] : text.dataset["placeholderReply"]) ?? "";
  if (focus) text.focus();
}

/** The send button of the mode that is on. */
export function visibleSend(form: ParentNode): HTMLElement | null {
  return [...form.querySelectorAll<HTMLElement>("[data-send]")].find((button) => button.offsetParent !== null) ?? null;
}

export function startComposer(): void {
  whenPresent("[data-composer]", (form) => {
    keeper = new DraftKeeper(form as HTMLFormElement);
    showMode(form, false);
    // Text that came back (undo, stale, errors) is text somebody is working on.
    const text = find<HTMLTextAreaElement>("[data-composer-text]", form);
    const isAnswer = !isTyping(document.activeElement) && document.body.dataset["composed"] === "yes";
    document.body.dataset["composed"] = "";
    if (text?.value && isAnswer) text.focus();
  });
  on("input", "[data-composer]", () => keeper?.changed());
  on("change", "[data-composer] [name=mode]", (radio) => {
    const form = radio.closest<HTMLElement>("[data-composer]");
    if (form) showMode(form, true);
    keeper?.changed();
  });
  on("keydown", "[data-composer]", (form, event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    visibleSend(form)?.click();
  });
  on("click", "[data-send], [data-undo-form] button", () => {
    document.body.dataset["composed"] = "yes";
  });
  const leave = (): void => void (keeper?.isDirty && keeper.save(true));
  document.addEventListener("visibilitychange", () => document.hidden && leave());
  window.addEventListener("pagehide", leave);
  document.addEventListener("htmx:before:request", (event) => {
    const target = ((event as CustomEvent).detail?.ctx?.target ?? null) as Element | null;
    if (target?.id === "case") leave();
  });
}
