/** Sends the files of waiting messages piece by piece, each from where the server says that it has come to. */
import { waitMs } from "../desk/backoff";
import type { Api } from "./api";
import { Refusal } from "./refusal";
import type { BlobStore } from "./blobs";
import { exclusively } from "./locks";
import type { Outbox, Waiting, WaitingFile } from "./outbox";

export interface UploaderOptions {
  api: Api;
  outbox: Outbox;
  blobs: BlobStore;
  /** Become a visitor, if we are none yet. */
  begin: () => Promise<void>;
  /** A message has all its files with the server: it can be sent. */
  onReady: () => void;
  onChange: () => void;
  lost: () => string;
}

const SMALLEST_BYTES = 16 * 1024;

export class Uploader {
  /** Of each message that waits for its files: how much of them has left, from 0 to 1. */
  readonly progress = new Map<string, number>();
  private isRunning = false;
  private attempt = 0;
  private timer: number | undefined;
  private most = Infinity;

  constructor(private readonly options: UploaderOptions) {}

  /** Send files until none waits or nobody answers; then again after a while. */
  async run(): Promise<void> {
    clearTimeout(this.timer);
    const { outbox } = this.options;
    if (this.isRunning || !outbox.nextToUpload()) return;
    this.isRunning = true;
    try {
      await this.options.begin();
      await exclusively("pharos-chat-files", async () => {
        for (let next = outbox.nextToUpload(); next; next = outbox.nextToUpload()) await this.message(next);
      });
      this.attempt = 0;
    } catch (error) {
      const waitS = error instanceof Refusal ? error.waitS : 0;
      this.timer = window.setTimeout(() => void this.run(), waitS ? waitS * 1000 : waitMs(this.attempt));
      this.attempt += 1;
    } finally {
      this.isRunning = false;
      this.options.onChange();
    }
  }

  /** Take back what has come of the files of a message that was discarded. */
  async discard(waiting: Waiting): Promise<void> {
    const { api } = this.options;
    for (const file of waiting.files) if (api.token) await api.removeFile(file.id).catch(() => undefined);
  }

  private async message(waiting: Waiting): Promise<void> {
    const total = waiting.files.reduce((sum, file) => sum + file.size, 0) || 1;
    let before = 0;
    try {
      for (const file of waiting.files) {
        const isThere = await this.file(waiting, file, (received) => this.told(waiting.id, (before + received) / total));
        if (!isThere) return;
        before += file.size;
      }
    } catch (error) {
      if (!(error instanceof Refusal) || !error.isFinal) throw error;
      const now = this.options.outbox.find(waiting.id);
      if (now) this.options.outbox.refuse(now, error.detail || String(error.status));
      return this.options.onChange();
    }
    this.progress.delete(waiting.id);
    this.options.outbox.ready(waiting.id, true);
    this.options.onReady();
  }

  /** Send one file; false when its message was discarded or refused meanwhile. */
  private async file(waiting: Waiting, file: WaitingFile, told: (received: number) => void): Promise<boolean> {
    const { api, outbox, blobs } = this.options;
    const blob = await blobs.get(file.id);
    if (!blob) {
      outbox.refuse(waiting, this.options.lost());
      return false;
    }
    const begun = await api.announce(file.id, file.name, file.size);
    let { received } = begun;
    told(received);
    while (received < file.size) {
      if (!outbox.find(waiting.id)) return false;
      const size = Math.min(begun.part, this.most);
      try {
        received = await api.part(file.id, received, blob.slice(received, received + size));
      } catch (error) {
        // A slow line: smaller pieces have a chance to arrive in time.
        if (error instanceof Refusal && error.status === 0) this.most = Math.max(SMALLEST_BYTES, Math.floor(size / 2));
        throw error;
      }
      // Bytes alone show that the line is good again: to be told how far it has come costs the server as much as a piece.
      this.attempt = 0;
      told(received);
    }
    return true;
  }

  private told(id: string, share: number): void {
    this.progress.set(id, share);
    this.options.onChange();
  }
}
