/** Joins what has to do with files: chosen in the tray, kept, uploaded, saved from the conversation. */
import { word } from "../shared/words";
import type { Api } from "./api";
import { BlobStore } from "./blobs";
import type { Messenger } from "./messenger";
import { newId, type Outbox, type Waiting } from "./outbox";
import { Tray } from "./tray";
import { Uploader } from "./uploader";
import type { WaitingFiles } from "./view";

export interface AttachmentsOptions {
  api: Api;
  outbox: Outbox;
  messenger: () => Messenger;
  onChange: () => void;
  tell: (words: string) => void;
}

export class Attachments implements WaitingFiles {
  private readonly blobs: BlobStore;
  readonly uploader: Uploader;
  readonly tray: Tray;
  private isUnkeptTold = false;

  constructor(private readonly options: AttachmentsOptions) {
    const page = document.body.dataset;
    this.blobs = new BlobStore(`pharos-chat:${page["inbox"] ?? ""}`);
    this.uploader = new Uploader({
      ...options,
      blobs: this.blobs,
      begin: () => options.messenger().begin(),
      onReady: () => void options.messenger().flush(),
      lost: () => word("file-lost"),
    });
    const limit = (name: string): number => Number(page[name]) || 0;
    this.tray = new Tray({ bytes: limit("maxBytes"), count: limit("maxCount"), together: limit("maxTogether") }, options.tell);
    document.querySelector("[data-messages]")?.addEventListener("click", (event) => {
      const id = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-save]")?.dataset["save"] : "";
      if (id) void this.save(id);
    });
    void this.blobs.tidy();
  }

  /** What this page has in memory, for an <img>. */
  urlOf = (id: string): string => this.blobs.url(id);

  /** Whether this page can have the files of a message that waits. */
  has = (waiting: Waiting): boolean => !waiting.files.length || waiting.isReady || this.options.outbox.hasFiles(waiting);

  get progress(): ReadonlyMap<string, number> {
    return this.uploader.progress;
  }

  /** Keep a message, with the files of the tray, until it is acknowledged. */
  send(text: string): void {
    const { outbox, tell } = this.options;
    const chosen = this.tray.take().map((file) => ({ id: newId(), name: file.name || "file", size: file.size, file }));
    const waiting = outbox.add(text, chosen.map(({ id, name, size }) => ({ id, name, size })));
    if (!chosen.length) return;
    void Promise.all(chosen.map((one) => this.blobs.put(one.id, one.file))).then((kept) => {
      if (kept.every(Boolean)) outbox.share(waiting.id);
      else if (outbox.find(waiting.id)) {
        this.isUnkeptTold = true;
        tell(word("file-unkept"));
      }
    });
  }

  /** What is acknowledged or discarded is not kept. */
  forget(waiting: Waiting): void {
    this.options.outbox.remove(waiting.id);
    for (const file of waiting.files) void this.blobs.remove(file.id);
    this.uploader.progress.delete(waiting.id);
    // The page may be left again.
    if (this.isUnkeptTold && !this.options.outbox.all().some((one) => one.files.length)) {
      this.isUnkeptTold = false;
      this.options.tell("");
    }
  }

  /** Send the files of a message once more: the server has them no longer. */
  again(waiting: Waiting): void {
    this.options.outbox.ready(waiting.id, false);
    void this.uploader.run();
  }

  /** Nothing that waits here is the next person's to see or to send. */
  async forgetAll(): Promise<void> {
    const all = this.options.outbox.all();
    for (const waiting of all) this.options.outbox.remove(waiting.id);
    for (const file of all.flatMap((waiting) => waiting.files)) await this.blobs.remove(file.id);
  }

  discard(id: string): void {
    const waiting = this.options.outbox.find(id);
    if (!waiting) return;
    this.forget(waiting);
    void this.uploader.discard(waiting);
  }

  private async save(id: string): Promise<void> {
    try {
      const link = document.createElement("a");
      Object.assign(link, { href: await this.options.api.link(id), target: "_blank", rel: "noopener noreferrer" });
      // On the page, so that the bridge of an app hears of it.
      document.body.append(link);
      link.click();
      link.remove();
    } catch {
      this.options.tell(word("file-unsaved"));
    }
  }
}
