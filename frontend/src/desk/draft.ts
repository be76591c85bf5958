/** One unsent text, kept on the server: saved after a pause, tried again after silence, never over a newer one. */
import { Problem } from "../shared/http";
import { waitMs } from "./backoff";

export const PAUSE_MS = 700;

export type DraftState = "" | "saving" | "saved" | "failed" | "elsewhere";

export interface DraftOptions {
  text: string;
  version: number;
  /** Store the text; answers with the new version. Throws Problem. */
  store: (text: string, version: number, keepalive: boolean) => Promise<number>;
  onState: (state: DraftState) => void;
  later?: (run: () => void, ms: number) => unknown;
  cancel?: (timer: unknown) => void;
}

export class DraftText {
  text: string;
  state: DraftState = "";
  private stored: string;
  private version: number;
  private timer: unknown = null;
  private busy = false;
  private ended = false;
  private attempt = 0;

  constructor(private readonly options: DraftOptions) {
    this.text = this.stored = options.text;
    this.version = options.version;
  }

  get isDirty(): boolean {
    return !this.ended && this.text !== this.stored;
  }

  change(text: string): void {
    this.text = text;
    if (this.isDirty) this.wait(PAUSE_MS);
  }

  /** Store now, unless there is nothing new; `keepalive` lets the request outlive the page. */
  async save(keepalive = false): Promise<void> {
    if (!this.isDirty) return;
    if (this.busy) {
      if (!keepalive) this.wait(PAUSE_MS);
      return;
    }
    const text = this.text;
    this.busy = true;
    this.become("saving");
    try {
      this.version = await this.options.store(text, this.version, keepalive);
      this.stored = text;
      this.attempt = 0;
      this.become("saved");
    } catch (error) {
      this.failed(error);
      return;
    } finally {
      this.busy = false;
    }
    if (this.isDirty) this.wait(PAUSE_MS);
  }

  /** It is being sent: a save now could bring back what the sending removes. The next change goes on. */
  hold(): void {
    this.clear();
  }

  /** It was sent, or its composer is gone. */
  end(): void {
    this.ended = true;
    this.clear();
  }

  private failed(error: unknown): void {
    const status = error instanceof Problem ? error.status : 0;
    if (status === 409) {
      // Another window wrote a newer text: saving ours would overwrite it.
      this.end();
      return this.become("elsewhere");
    }
    this.become("failed");
    const mayPass = status === 0 || status === 429 || status >= 500;
    if (mayPass) this.wait(waitMs(++this.attempt + 1));
  }

  private wait(ms: number): void {
    this.clear();
    const later = this.options.later ?? ((run, pause) => setTimeout(run, pause));
    this.timer = later(() => void this.save(), ms);
  }

  private clear(): void {
    const cancel = this.options.cancel ?? ((timer) => clearTimeout(timer as number));
    if (this.timer !== null) cancel(this.timer);
    this.timer = null;
  }

  private become(state: DraftState): void {
    this.state = state;
    this.options.onState(state);
  }
}
