/** What is asked before a chat: the topic, then its questions; the answers go with the first message. */
import { word } from "../shared/words";
import type { Api } from "./api";
import { firstInForm } from "./panel";
import { clone, dress, item, type Question } from "./questions";
import { Refusal } from "./refusal";
import type { FormAnswers } from "./outbox";

export interface TopicForm {
  topic: string;
  name: string;
  questions: Question[];
}

export interface PrechatOptions {
  api: Api;
  forms: readonly TopicForm[];
  begin: () => Promise<void>;
  onSend: (text: string, form: FormAnswers) => void;
  onChange: () => void;
}

export class Prechat {
  private isSkipped = false;
  /** Whether who reads a conversation that is over wants to begin another. */
  private isAgain = false;
  private form: TopicForm | null = null;
  /** Articles were shown for these very words: what is sent again is meant. */
  private suggestedFor = "";
  private readonly place = get<HTMLFormElement>("[data-prechat]");

  constructor(private readonly options: PrechatOptions) {
    this.place.addEventListener("click", (event) => {
      const button = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-topic], [data-back]") : null;
      if (!button) return;
      const slug = button.dataset["topic"];
      this.form = options.forms.find((one) => one.topic === slug) ?? null;
      this.isSkipped = slug === "";
      this.draw();
      options.onChange();
      const shown = get(this.form ? "[data-questions]" : "[data-topics]");
      (this.isSkipped ? get("[data-field]") : shown.querySelector<HTMLElement>("input, select, textarea, button"))?.focus();
    });
    this.place.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.send();
    });
    get("[data-again] button").addEventListener("click", () => {
      this.isAgain = true;
      options.onChange();
      firstInForm()?.focus();
    });
    this.draw();
  }

  /**
   * Ask before a conversation that nobody has begun; show the usual field otherwise. What was said in one that is over
   * stays before the reader's eyes until they want to begin another.
   */
  show(isNew: boolean, isAfterHours: boolean, hasMessages: boolean): void {
    if (!isNew) this.isSkipped = this.isAgain = false;
    const isAsked = isNew && !isAfterHours && !this.isSkipped && this.options.forms.length > 0;
    const isInstead = isAsked || isAfterHours;
    const stays = isInstead && hasMessages && !this.isAgain;
    get("[data-again]").hidden = !stays;
    this.place.hidden = !isAsked || stays;
    if (stays) get("[data-leave]").hidden = true;
    get("[data-log]").hidden = isInstead && !stays;
    get("[data-composer]").hidden = isInstead;
  }

  private async send(): Promise<void> {
    const { form } = this;
    if (!form) return;
    const text = get<HTMLTextAreaElement>("[data-prechat-text]").value.trim();
    const answers = Object.fromEntries(form.questions.map((one) => [one.id, this.answer(one)]).filter(([, answer]) => answer));
    if (!text && !Object.keys(answers).length) return get("[data-prechat-text]").focus();
    const button = get<HTMLButtonElement>("[data-prechat-send]");
    button.setAttribute("aria-busy", "true");
    const problems = await this.problems(form, answers as Record<string, string>, text);
    button.removeAttribute("aria-busy");
    if (!problems) return;
    for (const question of form.questions) this.mark(question.id, problems[question.id] ?? "");
    const first = this.place.querySelector<HTMLElement>("[aria-invalid=true]");
    if (first) return first.focus();
    this.form = null;
    this.draw();
    this.options.onSend(text, { topic: form.topic, answers: answers as Record<string, string> });
  }

  /** What is wrong, by question; null when there is something to read first. Who is not reached asks later, by sending. */
  private async problems(form: TopicForm, answers: Record<string, string>, text: string): Promise<Record<string, string> | null> {
    try {
      await this.options.begin();
      const found = await this.options.api.checkForm(form.topic, answers, text);
      if (!found.length || this.suggestedFor === text) return {};
      this.suggestedFor = text;
      get("[data-suggestions]").hidden = false;
      get("[data-suggestions] ul").replaceChildren(...found.map(item));
      return null;
    } catch (error) {
      return error instanceof Refusal ? error.problems : {};
    }
  }

  private answer(question: Question): string {
    const field = document.getElementById(`q-${question.id}`) as HTMLInputElement | HTMLSelectElement;
    const network = document.getElementById(`n-${question.id}`) as HTMLSelectElement | null;
    const value = field.value.trim();
    return network && (value || network.value) ? `${value}@${network.value}` : value;
  }

  private mark(id: string, problem: string): void {
    const field = get(`#q-${id}`);
    const place = get(`#p-${id}`);
    field.setAttribute("aria-invalid", String(problem !== ""));
    place.textContent = problem;
    place.hidden = !problem;
  }

  private draw(): void {
    const { form } = this;
    get("[data-topics]").hidden = form !== null;
    get("[data-questions]").hidden = form === null;
    get("[data-suggestions]").hidden = true;
    if (!form) {
      const topics = [...this.options.forms, { topic: "", name: word("something-else") }];
      return get("[data-topics] ul").replaceChildren(...topics.map(({ topic, name }) => clone("t-topic", (one) => {
        const button = one.querySelector("button") as HTMLButtonElement;
        Object.assign(button, { textContent: name });
        button.dataset["topic"] = topic;
      })));
    }
    get("[data-topic-name]").textContent = form.name;
    get("[data-fields]").replaceChildren(...form.questions.map((one) => clone(`t-${one.kind}`, (line) => dress(line, one))));
    get<HTMLTextAreaElement>("[data-prechat-text]").value = "";
  }
}

function get<T extends HTMLElement = HTMLElement>(selector: string): T {
  return document.querySelector<T>(selector) as T;
}
