/** Files chosen for the next message: by picker, camera, paste and drop; each can be taken out again, refusals in words. */
import { fill, word } from "../shared/words";
import { refusal } from "../desk/limits";
import { sizeText } from "./fileview";

interface Chosen {
  file: File;
  url: string;
}

export interface TrayLimits {
  bytes: number;
  count: number;
  /** All files of one message. */
  together: number;
}

export class Tray {
  private chosen: Chosen[] = [];
  private readonly list = get("[data-tray]");

  constructor(
    private readonly limits: TrayLimits,
    private readonly refused: (words: string) => void,
  ) {
    for (const [opener, name] of [["[data-attach]", "[data-file-input]"], ["[data-camera]", "[data-camera-input]"]] as const) {
      const input = get<HTMLInputElement>(name);
      get(opener).addEventListener("click", () => input.click());
      input.addEventListener("change", () => {
        this.add([...(input.files ?? [])]);
        input.value = "";
      });
    }
    const chat = get("[data-chat]");
    chat.addEventListener("paste", (event) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (!files.length) return;
      event.preventDefault();
      this.add(files);
    });
    // A file that misses the chat must not take its page away.
    document.addEventListener("dragover", (event) => hasFiles(event) && event.preventDefault());
    document.addEventListener("drop", (event) => hasFiles(event) && event.preventDefault());
    let depth = 0;
    const mark = (by: number): void => void chat.toggleAttribute("data-drop", (depth = Math.max(0, depth + by)) > 0);
    chat.addEventListener("dragenter", (event) => hasFiles(event) && mark(1));
    chat.addEventListener("dragleave", (event) => hasFiles(event) && mark(-1));
    chat.addEventListener("drop", (event) => {
      mark(-depth);
      this.add([...(event.dataTransfer?.files ?? [])]);
    });
    this.list.addEventListener("click", (event) => {
      const place = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-remove]")?.dataset["remove"] : undefined;
      if (place !== undefined) this.remove(Number(place));
    });
  }

  get isEmpty(): boolean {
    return this.chosen.length === 0;
  }

  add(files: readonly File[]): void {
    const problems: string[] = [];
    for (const file of files) {
      const no = refusal(file.size, this.chosen.length, this.limits);
      const together = this.chosen.reduce((sum, one) => sum + one.file.size, file.size);
      if (no?.word === "file-too-big") problems.push(fill(word("file-too-big"), { name: file.name, max: sizeText(no.max) }));
      else if (no) problems.push(fill(word("file-too-many"), { max: no.max }));
      else if (together > this.limits.together) problems.push(fill(word("file-together"), { max: sizeText(this.limits.together) }));
      else this.chosen.push({ file, url: file.type.startsWith("image/") ? URL.createObjectURL(file) : "" });
    }
    this.refused([...new Set(problems)].join(" "));
    this.show();
  }

  /** Hand the files over. */
  take(): File[] {
    const taken = this.chosen.map((one) => one.file);
    for (const one of this.chosen) URL.revokeObjectURL(one.url);
    this.chosen = [];
    this.show();
    return taken;
  }

  private remove(place: number): void {
    const [gone] = this.chosen.splice(place, 1);
    if (gone) URL.revokeObjectURL(gone.url);
    this.show();
    get(this.isEmpty ? "[data-field]" : "[data-remove]").focus();
  }

  private show(): void {
    const template = document.getElementById("t-chosen") as HTMLTemplateElement;
    this.list.replaceChildren(
      ...this.chosen.map(({ file, url }, place) => {
        const line = template.content.firstElementChild?.cloneNode(true) as HTMLElement;
        const picture = line.querySelector("img") as HTMLImageElement;
        if (url) picture.src = url;
        else picture.remove();
        (line.querySelector("[data-name]") as HTMLElement).textContent = file.name;
        (line.querySelector("[data-size]") as HTMLElement).textContent = sizeText(file.size);
        const remove = line.querySelector("[data-remove]") as HTMLElement;
        remove.dataset["remove"] = String(place);
        remove.setAttribute("aria-label", fill(word("remove"), { name: file.name }));
        return line;
      }),
    );
    this.list.hidden = this.isEmpty;
  }
}

function hasFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes("Files") ?? false;
}

function get<T extends HTMLElement = HTMLElement>(selector: string): T {
  return document.querySelector<T>(selector) as T;
}
