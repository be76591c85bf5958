/** Files of a form that are sent in pieces while it is written: each goes on from where the server says it has come to. */
import { postForm, Problem } from "./http";

interface Sending {
  id: string;
  file: File;
  line: HTMLLIElement;
  isGone: boolean;
}

const FIRST_MS = 1_000;
const LONGEST_MS = 30_000;
const AGAIN = new Set([0, 409, 429, 500, 502, 503, 504]);

export function startFormFiles(): void {
  document.querySelectorAll<HTMLElement>("[data-form-files]").forEach((place) => new FormFiles(place));
}

class FormFiles {
  private readonly form: HTMLFormElement;
  private readonly input: HTMLInputElement;
  private readonly problem: HTMLElement;
  private readonly sending = new Set<Sending>();

  constructor(private readonly place: HTMLElement) {
    this.form = place.closest("form") as HTMLFormElement;
    this.input = part(place, "input[type=file]") as HTMLInputElement;
    this.problem = part(place, "[data-files-problem]");
    this.input.addEventListener("change", () => {
      for (const file of [...(this.input.files ?? [])]) this.add(file);
      this.input.value = "";
    });
    this.place.querySelectorAll<HTMLLIElement>("[data-file]").forEach((line) => this.removable(line, line.dataset["file"] ?? ""));
    // Before the page takes the form for sent.
    this.form.addEventListener("submit", (event) => this.hold(event), { capture: true });
    if (this.input.files?.length) this.input.dispatchEvent(new Event("change"));
  }

  private hold(event: Event): void {
    this.say(this.sending.size ? this.word("onItsWay") : "");
    if (!this.sending.size) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    this.input.focus();
  }

  private add(file: File): void {
    if (file.size > Number(this.place.dataset["max"])) return this.say(`${file.name}: ${this.word("tooLarge")}`);
    this.say("");
    const template = this.place.querySelector("template") as HTMLTemplateElement;
    const line = template.content.firstElementChild?.cloneNode(true) as HTMLLIElement;
    const sending: Sending = { id: crypto.randomUUID(), file, line, isGone: false };
    part(line, "[data-name]").textContent = file.name;
    const button = part(line, "[data-remove-file]");
    button.setAttribute("aria-label", (button.dataset["label"] ?? "").replace("{name}", () => file.name));
    (part(line, "input") as HTMLInputElement).value = sending.id;
    this.removable(line, sending.id, sending);
    this.place.querySelector("[data-files]")?.append(line);
    this.sending.add(sending);
    void this.send(sending);
  }

  private async send(sending: Sending): Promise<void> {
    for (let attempt = 0; !sending.isGone; attempt += 1) {
      try {
        await this.pieces(sending, () => (attempt = 0));
        return;
      } catch (error) {
        const problem = error instanceof Problem ? error : new Problem(0);
        if (!AGAIN.has(problem.status)) return this.refused(sending, problem.detail);
        part(sending.line, "[data-state]").textContent = this.word("waits");
        await new Promise((done) => setTimeout(done, Math.min(LONGEST_MS, FIRST_MS * 2 ** attempt)));
      }
    }
  }

  private async pieces(sending: Sending, moved: () => void): Promise<void> {
    const { id, file } = sending;
    const begun = await this.post("announce", { client_id: id, name: file.name.slice(0, 250), size: String(file.size) });
    let { received } = begun;
    while (received < file.size && !sending.isGone) {
      part(sending.line, "[data-state]").textContent = `${Math.floor((100 * received) / file.size)} %`;
      const content = file.slice(received, received + (begun.part ?? file.size));
      ({ received } = await this.post("part", { client_id: id, start: String(received) }, content));
      moved();
    }
    if (sending.isGone) return;
    (part(sending.line, "input") as HTMLInputElement).disabled = false;
    part(sending.line, "[data-state]").textContent = this.word("done");
    this.sending.delete(sending);
    this.say("");
  }

  private refused(sending: Sending, detail: string): void {
    this.sending.delete(sending);
    sending.line.remove();
    this.say(`${sending.file.name}: ${detail || this.word("unsent")}`);
  }

  private removable(line: HTMLLIElement, id: string, sending?: Sending): void {
    part(line, "[data-remove-file]").addEventListener("click", () => {
      if (sending) {
        sending.isGone = true;
        this.sending.delete(sending);
      }
      line.remove();
      this.say("");
      this.input.focus();
      void this.post("remove", { client_id: id }).catch(() => undefined);
    });
  }

  private async post(door: string, fields: Record<string, string>, content?: Blob): Promise<{ received: number; part?: number }> {
    const body = new FormData();
    for (const name of ["csrfmiddlewaretoken", "form_key", "work"]) body.set(name, this.form.querySelector<HTMLInputElement>(`[name=${name}]`)?.value ?? "");
    for (const [name, value] of Object.entries(fields)) body.set(name, value);
    if (content) body.set("content", content, "part");
    const response = await postForm(this.place.dataset[door] ?? "", body);
    return response.status === 204 ? { received: 0 } : ((await response.json()) as { received: number; part?: number });
  }

  private say(text: string): void {
    this.problem.textContent = text;
    this.problem.hidden = !text;
  }

  private word(name: string): string {
    return this.place.dataset[name] ?? "";
  }
}

function part(line: HTMLElement, selector: string): HTMLElement {
  return line.querySelector(selector) as HTMLElement;
}
