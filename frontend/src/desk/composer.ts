/** Reply and note: two texts behind one field, each with its draft, and sending by keyboard. */
import { find, isTyping, on, whenPresent } from "../shared/dom";
import { postForm } from "../shared/http";
import { type DraftState, DraftText } from "./draft";

type Mode = "reply" | "note";

interface Composer {
  form: HTMLFormElement;
  field: HTMLTextAreaElement;
  drafts: Record<Mode, DraftText>;
}

let current: Composer | null = null;

function modeOf(form: HTMLFormElement): Mode {
  return find<HTMLInputElement>("[name=mode]:checked", form)?.value === "note" ? "note" : "reply";
}

function showState(form: HTMLFormElement, state: DraftState): void {
  const place = find("[data-draft-state]", form);
  if (!place) return;
  place.dataset["state"] = state === "elsewhere" ? "failed" : state;
  place.textContent = state ? (place.dataset[state] ?? "") : "";
}

function draftOf(form: HTMLFormElement, mode: Mode, source: HTMLTextAreaElement | null): DraftText {
  return new DraftText({
    text: source?.value ?? "",
    version: Number(source?.dataset["version"] ?? 0),
    store: async (text, version, keepalive) => {
      const fields = new URLSearchParams({ mode, body: text, draft_version: String(version) });
      const response = await postForm(form.dataset["draftUrl"] ?? "", fields, keepalive);
      return ((await response.json()) as { draft_version: number }).draft_version;
    },
    onState: (state) => {
      if (form.isConnected && modeOf(form) === mode) showState(form, state);
    },
  });
}

function begin(form: HTMLFormElement): void {
  const field = find<HTMLTextAreaElement>("[data-composer-text]", form);
  if (!field) return;
  for (const draft of Object.values(current?.drafts ?? {})) draft.end();
  const other = find<HTMLTextAreaElement>("[data-other-body]", form);
  const isNote = modeOf(form) === "note";
  current = {
    form,
    field,
    drafts: { reply: draftOf(form, "reply", isNote ? other : field), note: draftOf(form, "note", isNote ? field : other) },
  };
  // The same key twice is the same message: an answer that got lost does not lead to a second mail.
  const key = find<HTMLInputElement>("[data-client-key]", form);
  if (key) key.value = newKey();
  dress(current);
}

/** randomUUID exists on secure pages only; a desk opened by address in a closed network is not one. */
function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function dress({ form, field }: Composer): void {
  const words = field.dataset;
  field.placeholder = (modeOf(form) === "note" ? words["placeholderNote"] : words["placeholderReply"]) ?? "";
}

function changeMode(): void {
  if (!current) return;
  const { form, field, drafts } = current;
  const mode = modeOf(form);
  void drafts[mode === "note" ? "reply" : "note"].save();
  field.value = drafts[mode].text;
  showState(form, drafts[mode].state);
  dress(current);
  field.focus();
}

/** The send button of the mode that is on. */
function visibleSend(form: ParentNode): HTMLElement | null {
  return [...form.querySelectorAll<HTMLElement>("[data-send]")].find((button) => button.offsetParent !== null) ?? null;
}

function saveAll(keepalive: boolean): void {
  for (const draft of Object.values(current?.drafts ?? {})) void draft.save(keepalive);
}

export function startComposer(): void {
  whenPresent("[data-composer]", (form) => {
    begin(form as HTMLFormElement);
    // Text that came back (undo, stale, errors) is text somebody is working on.
    const wasAsked = document.body.dataset["composed"] === "yes";
    document.body.dataset["composed"] = "";
    if (current?.field.value && wasAsked && !isTyping(document.activeElement)) current.field.focus();
  });
  on("input", "[data-composer-text]", () => {
    if (current) current.drafts[modeOf(current.form)].change(current.field.value);
  });
  on("change", "[data-composer] [name=mode]", changeMode);
  // It grows when somebody writes and shrinks when they go back to reading: never between press and release of a click.
  on("focusin", "[data-composer-text]", (field) => field.closest("[data-composer]")?.setAttribute("data-awake", ""));
  on("click", "[data-timeline]", () => current?.form.removeAttribute("data-awake"));
  on("keydown", "[data-composer]", (form, event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    visibleSend(form)?.click();
  });
  // What was typed since the sending is saved before the undo joins it to the text that comes back.
  on("click", "[data-undo-form] button", (button, event) => {
    document.body.dataset["composed"] = "yes";
    if (!current?.drafts.reply.isDirty) return;
    event.preventDefault();
    void current.drafts.reply.save().then(() => button.closest("form")?.requestSubmit());
  });
  on("click", "[data-composer] button[data-hx-post]", () => {
    if (current) current.drafts[modeOf(current.form)].hold();
    document.body.dataset["composed"] = "yes";
  });
  document.addEventListener("visibilitychange", () => document.hidden && saveAll(true));
  window.addEventListener("pagehide", () => saveAll(true));
  document.addEventListener("htmx:before:request", (event) => {
    const target = ((event as CustomEvent).detail?.ctx?.target ?? null) as Element | null;
    if (target?.id === "case") saveAll(true);
  });
}
