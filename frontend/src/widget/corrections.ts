/** Correcting and taking back one's own words of the last minutes: chosen at the message, done in the composer's place. */
import { word } from "../shared/words";
import type { Api } from "./api";
import { Refusal } from "./refusal";
import type { Conversation, Message } from "./conversation";

export interface CorrectionsOptions {
  api: Api;
  conversation: Conversation;
  onChange: () => void;
  onMasked: () => void;
  tell: (words: string) => void;
  sync: () => Promise<void>;
}

type Act = "edit" | "take-back";

export class Corrections {
  private act: Act | null = null;
  private message: Message | null = null;
  private draft = "";
  private readonly bar = get("[data-correcting]");
  private readonly field = get<HTMLTextAreaElement>("[data-field]");

  constructor(private readonly options: CorrectionsOptions) {
    get("[data-messages]").addEventListener("click", (event) => {
      const button = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-edit], [data-take-back]") : null;
      const seq = Number(button?.closest<HTMLElement>("[data-seq]")?.dataset["seq"]);
      const message = options.conversation.messages.find((one) => one.seq === seq);
      if (button && message) this.begin(button.matches("[data-edit]") ? "edit" : "take-back", message);
    });
    get("[data-correcting-no]").addEventListener("click", () => this.end());
    get("[data-correcting-yes]").addEventListener("click", () => void this.takeBack());
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.act) return;
      // Escape ends this, and not the whole chat.
      event.stopPropagation();
      this.end();
    }, true);
  }

  get isEditing(): boolean {
    return this.act === "edit";
  }

  /** Let the message say `text`; what goes wrong leaves it in the field. */
  async save(text: string): Promise<void> {
    const { api, conversation, onChange, onMasked } = this.options;
    if (!this.message) return;
    try {
      const said = await api.correct(conversation.chat, this.message.seq, text);
      conversation.add(said.chat, said.message);
      this.end();
      onChange();
      if (said.redactions.length) onMasked();
    } catch (error) {
      this.field.value = text;
      this.failed(error);
    }
  }

  private async takeBack(): Promise<void> {
    const { api, conversation, sync } = this.options;
    if (!this.message) return;
    try {
      await api.takeBack(conversation.chat, this.message.seq);
      this.end();
      await sync();
    } catch (error) {
      this.failed(error);
    }
  }

  private begin(act: Act, message: Message): void {
    if (this.act) this.end();
    this.act = act;
    this.message = message;
    this.draft = this.field.value;
    if (act === "edit") this.field.value = message.parts.map((one) => one.text).join("");
    this.show();
    (act === "edit" ? this.field : get("[data-correcting-no]")).focus();
  }

  private end(): void {
    if (this.isEditing) this.field.value = this.draft;
    this.act = this.message = null;
    this.show();
    this.field.focus();
  }

  private show(): void {
    this.bar.hidden = !this.act;
    get("[data-correcting-text]").textContent = this.act ? word(this.act === "edit" ? "editing" : "taking-back") : "";
    get("[data-correcting-yes]").hidden = this.act !== "take-back";
  }

  private failed(error: unknown): void {
    const detail = error instanceof Refusal && error.isFinal ? error.detail : "";
    this.options.tell(detail || word("unchanged"));
  }
}

function get<T extends HTMLElement = HTMLElement>(selector: string): T {
  return document.querySelector<T>(selector) as T;
}
