/** Attachments: chosen, pasted or dropped; each with progress, each removable, refusals in words. */
import { cloneOf, find, findAll, insertHtml, on } from "../shared/dom";
import { csrfToken } from "../shared/http";
import { fill, word } from "../shared/words";
import { refusal } from "./limits";

const composer = (): HTMLElement | null => find("[data-composer]");

function bytesText(bytes: number): string {
  const locale = document.documentElement.lang;
  return new Intl.NumberFormat(locale, { style: "unit", unit: "megabyte", maximumFractionDigits: 1 }).format(bytes / 1048576);
}

function addFiles(files: Iterable<File>): void {
  const form = composer();
  const mode = form && find<HTMLInputElement>("[name=mode]:checked", form)?.value === "note" ? "note" : "reply";
  const list = form && find(`[data-files="${mode}"]`, form);
  if (!form || !list) return;
  const limits = { bytes: Number(form.dataset["maxBytes"]), count: Number(form.dataset["maxCount"]) };
  for (const file of files) {
    const already = findAll(":scope > li:not(.file-bad)", list).length;
    const no = refusal(file.size, already, limits);
    if (no) fail(list, file.name, fill(word(no.word), { max: no.word === "file-too-big" ? bytesText(no.max) : no.max }));
    else upload(form, list, file, mode);
  }
}

function fail(list: HTMLElement, name: string, why: string): void {
  const item = cloneOf("t-upload-failed");
  setText(item, "[data-name]", name);
  setText(item, "[data-text]", why);
  list.append(item);
}

function setText(item: HTMLElement, selector: string, text: string): void {
  const element = find(selector, item);
  if (element) element.textContent = text;
}

/** XMLHttpRequest, because fetch does not tell how much has left. */
function upload(form: HTMLElement, list: HTMLElement, file: File, mode: string): void {
  const item = cloneOf("t-upload");
  setText(item, "[data-name]", file.name);
  list.append(item);
  const bar = find<HTMLProgressElement>("progress", item);
  const request = new XMLHttpRequest();
  request.open("POST", form.dataset["uploadUrl"] ?? "");
  request.setRequestHeader("X-CSRFToken", csrfToken());
  request.setRequestHeader("HX-Request", "true");
  request.setRequestHeader("HX-Request-Type", "partial");
  request.upload.onprogress = (event) => {
    if (bar && event.lengthComputable) bar.value = Math.round((event.loaded / event.total) * 100);
  };
  request.onload = () => {
    if (request.status >= 200 && request.status < 300) insertHtml(item, "afterend", request.responseText);
    else fail(list, file.name, detail(request) || word("file-failed"));
    item.remove();
  };
  request.onerror = () => {
    fail(list, file.name, word("file-failed"));
    item.remove();
  };
  find("[data-cancel]", item)?.addEventListener("click", () => {
    request.abort();
    item.remove();
  });
  const body = new FormData();
  body.append("mode", mode);
  body.append("file", file, file.name);
  request.send(body);
}

function detail(request: XMLHttpRequest): string {
  try {
    const body = JSON.parse(request.responseText) as { detail?: unknown };
    return typeof body.detail === "string" ? body.detail : "";
  } catch {
    return "";
  }
}

export function startUploads(): void {
  on("change", "[data-file-input]", (input) => {
    const chosen = input as HTMLInputElement;
    addFiles([...(chosen.files ?? [])]);
    chosen.value = "";
  });
  on("paste", "[data-composer]", (_, event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    addFiles(files);
  });
  // The whole case takes drops; the composer shows where they will go.
  let depth = 0;
  const mark = (is: boolean): void => void composer()?.toggleAttribute("data-drop", is);
  const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") ?? false;
  on("dragenter", "[data-case]", (_, event) => {
    if (hasFiles(event)) mark(++depth > 0);
  });
  on("dragleave", "[data-case]", (_, event) => {
    if (hasFiles(event)) mark((depth = Math.max(0, depth - 1)) > 0);
  });
  document.addEventListener("dragover", (event) => hasFiles(event) && event.preventDefault());
  document.addEventListener("drop", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    depth = 0;
    mark(false);
    if ((event.target as Element | null)?.closest("[data-case]")) addFiles([...(event.dataTransfer?.files ?? [])]);
  });
}
