/** The survey in place: how well one was helped, from 1 to 5, once the conversation is resolved; skippable, changeable. */
import { fill, word } from "../shared/words";
import type { Api } from "./api";
import type { Conversation, Survey } from "./conversation";
import { Refusal } from "./refusal";

export interface RatingOptions {
  api: Api;
  conversation: Conversation;
  sync: () => Promise<void>;
  onMasked: () => void;
}

export class Rating {
  private readonly form = get<HTMLFormElement>("[data-survey]");
  private readonly comment = get<HTMLTextAreaElement>("[data-survey-comment]");
  private readonly problem = get("[data-survey-problem]");
  private isChanging = false;
  private isBusy = false;
  /** Which survey stands there, so that nothing chosen is lost when it is shown again. */
  private shown = "";

  constructor(private readonly options: RatingOptions) {
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.send();
    });
    this.form.addEventListener("change", () => (get("[data-survey-more]").hidden = !this.chosen));
    get("[data-survey-skip]").addEventListener("click", () => void this.skip());
    get("[data-survey-change]").addEventListener("click", () => {
      this.isChanging = true;
      this.show();
      this.radios.find((one) => one.checked)?.focus();
    });
  }

  show(): void {
    const { survey } = this.options.conversation;
    const isAsked = survey !== null && (survey.rating ? this.isChanging : !survey.is_skipped) && survey.is_open;
    const isThanked = survey !== null && survey.rating > 0 && !isAsked;
    this.form.hidden = !isAsked && !isThanked;
    get("[data-survey-fields]").hidden = !isAsked;
    get("[data-survey-thanks]").hidden = !isThanked;
    if (!survey) return;
    if (isThanked) {
      const text = fill(word("rated"), { rating: survey.rating });
      const place = get("[data-survey-said]");
      if (place.textContent !== text) place.textContent = text;
      get("[data-survey-change]").hidden = !survey.is_open;
    }
    if (this.shown !== survey.id + String(survey.rating)) this.begin(survey);
  }

  private begin(survey: Survey): void {
    this.shown = survey.id + String(survey.rating);
    for (const one of this.radios) one.checked = Number(one.value) === survey.rating;
    this.comment.value = survey.comment;
    get("[data-survey-more]").hidden = !survey.rating;
    this.tell("");
  }

  private get radios(): HTMLInputElement[] {
    return [...this.form.querySelectorAll<HTMLInputElement>("input[type=radio]")];
  }

  private get chosen(): number {
    return Number(this.radios.find((one) => one.checked)?.value ?? 0);
  }

  private async send(): Promise<void> {
    const { api, conversation, onMasked } = this.options;
    if (!conversation.survey) return;
    if (!this.chosen) {
      this.tell(word("rate-first"));
      return this.radios[0]?.focus();
    }
    await this.act(async (survey) => {
      const kept = await api.rate(conversation.chat, survey.id, this.chosen, this.comment.value);
      conversation.survey = { ...survey, rating: kept.rating, comment: kept.comment };
      this.isChanging = false;
      if (kept.redactions.length) onMasked();
      this.show();
      get("[data-survey-said]").focus();
    });
  }

  private async skip(): Promise<void> {
    const { api, conversation } = this.options;
    if (this.isChanging) {
      this.isChanging = false;
      this.show();
      return get("[data-survey-change]").focus();
    }
    await this.act(async (survey) => {
      await api.skipRating(conversation.chat, survey.id);
      conversation.survey = { ...survey, is_skipped: true };
      this.show();
      get("[data-field]").focus();
    });
  }

  private async act(step: (survey: Survey) => Promise<void>): Promise<void> {
    const { survey } = this.options.conversation;
    if (this.isBusy || !survey) return;
    this.isBusy = true;
    this.tell("");
    try {
      await step(survey);
    } catch (error) {
      this.tell((error instanceof Refusal && error.detail) || word("unreached-now"));
      // What is refused stands differently at the server.
      if (error instanceof Refusal && error.isFinal) void this.options.sync();
    } finally {
      this.isBusy = false;
    }
  }

  private tell(words: string): void {
    this.problem.hidden = !words;
    this.problem.textContent = words;
  }
}

function get<T extends HTMLElement = HTMLElement>(selector: string): T {
  return document.querySelector<T>(selector) as T;
}
