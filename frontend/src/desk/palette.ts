/** Ctrl+K: everything on the page that names itself with data-palette, found by typing. */
import { find, findAll, on } from "../shared/dom";
import { type Command, matching } from "./matching";

interface PageCommand extends Command {
  element: HTMLElement;
}

let commands: PageCommand[] = [];
let shown: PageCommand[] = [];
let at = 0;

const dialog = (): HTMLDialogElement | null => find<HTMLDialogElement>("#dialog-palette");

function collect(): PageCommand[] {
  const acts = findAll("[data-palette]").map((element) => ({
    element,
    label: element.dataset["palette"] ?? "",
    key: element.dataset["shortcut"] ?? "",
  }));
  const rows = findAll("[data-row-link]").map((element) => ({
    element,
    label: `${find(".row-no", element)?.textContent ?? ""} ${find(".row-subject", element)?.textContent ?? ""}`.trim(),
    key: "",
  }));
  return [...acts, ...rows].filter(({ label }) => label);
}

function draw(typed: string): void {
  const list = find("[data-palette-list]");
  if (!list) return;
  shown = matching(commands, typed).slice(0, 30);
  at = 0;
  list.replaceChildren(...shown.map(item));
  if (!shown.length) {
    const empty = document.createElement("p");
    empty.className = "menu-title";
    empty.textContent = list.dataset["empty"] ?? "";
    list.append(empty);
  }
  choose(0);
}

function item(command: PageCommand, index: number): HTMLElement {
  const option = document.createElement("div");
  option.className = "menu-item";
  option.id = `palette-${index}`;
  option.role = "option";
  const label = document.createElement("span");
  label.className = "truncate";
  label.textContent = command.label;
  option.append(label);
  const keys = document.createElement("span");
  keys.className = "push flex gap-1";
  for (const key of command.key.split(" ").filter(Boolean)) {
    const cap = document.createElement("kbd");
    cap.className = "kbd";
    cap.textContent = key;
    keys.append(cap);
  }
  option.append(keys);
  option.addEventListener("click", () => run(index));
  return option;
}

function choose(index: number): void {
  if (!shown.length) return;
  at = (index + shown.length) % shown.length;
  findAll("[data-palette-list] [role=option]").forEach((option, n) => {
    option.setAttribute("aria-selected", String(n === at));
    if (n === at) option.scrollIntoView({ block: "nearest" });
  });
  find("[data-palette-input]")?.setAttribute("aria-activedescendant", `palette-${at}`);
}

function run(index: number): void {
  const command = shown[index];
  dialog()?.close();
  command?.element.click();
}

export function openDialog(name: string): void {
  const box = find<HTMLDialogElement>(`#dialog-${name}`);
  if (!box || box.open) return;
  box.showModal();
  if (name !== "palette") return;
  commands = collect();
  const input = find<HTMLInputElement>("[data-palette-input]", box);
  if (input) input.value = "";
  draw("");
  input?.focus();
}

export function startPalette(): void {
  on("click", "[data-open-dialog]", (button) => openDialog(button.dataset["openDialog"] ?? ""));
  on("click", "[data-close-dialog]", (button) => button.closest("dialog")?.close());
  on("click", "[data-print]", () => window.print());
  on("click", "dialog.dialog", (box, event) => {
    if (event.target === box) (box as HTMLDialogElement).close();
  });
  on("input", "[data-palette-input]", (input) => draw((input as HTMLInputElement).value));
  on("keydown", "[data-palette-input]", (_, event) => {
    if (event.key === "ArrowDown") choose(at + 1);
    else if (event.key === "ArrowUp") choose(at - 1);
    else if (event.key === "Enter") run(at);
    else return;
    event.preventDefault();
  });
}
