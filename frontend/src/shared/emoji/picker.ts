/** The picker itself, loaded when it is first opened: a search, what was used lately, and a grid one walks by arrows. */
import { counted } from "../words";
import { type Group, lately, moved, type Place, rowsOf, searched, type Sign, usedLately } from "./grid";
import { type Kept, LATELY } from "./open";

export class Picker {
  private rows: HTMLElement[][] = [];
  private at: Place = { row: 0, column: 0 };
  private readonly groups: Group[];
  private readonly search: HTMLInputElement;
  private readonly grid: HTMLElement;

  constructor(
    private readonly box: HTMLElement,
    private readonly button: HTMLElement,
    private readonly field: HTMLTextAreaElement,
    private readonly store: Kept,
  ) {
    this.groups = JSON.parse(box.dataset["groups"] ?? "[]") as Group[];
    this.search = box.querySelector("[data-emoji-search]") as HTMLInputElement;
    this.grid = box.querySelector("[data-emoji-grid]") as HTMLElement;
    this.search.addEventListener("input", () => this.look());
    this.grid.addEventListener("click", (event) => {
      const cell = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-sign]") : null;
      if (cell) this.insert(cell.dataset["sign"] ?? "");
    });
    // Keys are the picker's own: Escape does not close the chat, and letters are no commands of the desk.
    box.addEventListener("keydown", (event) => {
      event.stopPropagation();
      this.pressed(event);
    });
    box.addEventListener("focusout", (event) => {
      const next = event.relatedTarget;
      if (next instanceof Node && !box.contains(next) && next !== this.button) this.show(false);
    });
  }

  toggle(): void {
    this.show(this.box.hidden !== false);
    if (!this.box.hidden) this.search.focus();
  }

  private show(isOpen: boolean): void {
    this.box.hidden = !isOpen;
    this.button.setAttribute("aria-expanded", String(isOpen));
    if (!isOpen) return;
    this.search.value = "";
    this.look();
  }

  private look(): void {
    const words = this.search.value.trim();
    const found = searched(this.groups, words);
    const said = this.box.querySelector<HTMLElement>("[data-emoji-found]") as HTMLElement;
    said.textContent = words ? counted(this.box, found.length) : "";
    const recent = { name: this.box.dataset["recent"] ?? "", signs: lately(this.store.get(LATELY), this.groups) };
    this.draw(words ? [{ name: "", signs: found }] : [...(recent.signs.length ? [recent] : []), ...this.groups]);
  }

  private draw(groups: readonly Group[]): void {
    this.rows = [];
    const lines: HTMLElement[] = [];
    for (const { name, signs } of groups) {
      if (name) lines.push(row([element("rowheader", "emoji-group", name)]));
      for (const some of rowsOf(signs)) {
        const cells = some.map(cell);
        this.rows.push(cells);
        lines.push(row(cells));
      }
    }
    this.grid.replaceChildren(...lines);
    this.grid.hidden = !this.rows.length;
    this.choose({ row: 0, column: 0 });
  }

  /** One cell can be reached by Tab; arrows lead to the others. */
  private choose(place: Place): HTMLElement | undefined {
    this.rows[this.at.row]?.[this.at.column]?.setAttribute("tabindex", "-1");
    this.at = place;
    const chosen = this.rows[place.row]?.[place.column];
    chosen?.setAttribute("tabindex", "0");
    return chosen;
  }

  private pressed(event: KeyboardEvent): void {
    if (event.isComposing) return;
    const isSearching = event.target === this.search;
    if (event.key === "Escape") {
      this.show(false);
      this.button.focus();
    } else if (event.key === "Enter" || (event.key === " " && !isSearching)) {
      const chosen = this.rows[this.at.row]?.[this.at.column];
      // In the field Enter takes the first of what was found; without a search there is no first.
      if (chosen && (!isSearching || this.search.value.trim())) this.insert(chosen.dataset["sign"] ?? "");
    } else if (isSearching) {
      if (event.key !== "ArrowDown" || !this.rows.length) return;
      this.choose({ row: 0, column: 0 })?.focus();
    } else {
      const place = moved(this.place(event), event.key, event.ctrlKey || event.metaKey, this.rows.map((cells) => cells.length));
      if (!place) return;
      (place === "above" ? this.search : this.choose(place))?.focus();
    }
    event.preventDefault();
  }

  /** The cell that has the focus, which a click may have chosen. */
  private place(event: KeyboardEvent): Place {
    const row = this.rows.findIndex((cells) => cells.includes(event.target as HTMLElement));
    return row < 0 ? this.at : { row, column: this.rows[row]?.indexOf(event.target as HTMLElement) ?? 0 };
  }

  private insert(sign: string): void {
    const { field } = this;
    const length = field.value.length - (field.selectionEnd - field.selectionStart) + sign.length;
    this.store.set(LATELY, JSON.stringify(usedLately(lately(this.store.get(LATELY), this.groups).map(([one]) => one), sign)));
    this.show(false);
    field.focus();
    if (field.maxLength >= 0 && length > field.maxLength) return;
    field.setRangeText(sign, field.selectionStart, field.selectionEnd, "end");
    // Drafts and the typing hint hear of it as of any typing.
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function element(role: string, className: string, text: string): HTMLElement {
  const made = document.createElement("div");
  Object.assign(made, { role, className, textContent: text });
  return made;
}

function row(cells: HTMLElement[]): HTMLElement {
  const line = element("row", "emoji-row", "");
  line.append(...cells);
  return line;
}

function cell([sign, name]: Sign): HTMLElement {
  const made = element("gridcell", "emoji-sign", sign);
  Object.assign(made, { title: name, tabIndex: -1, ariaLabel: name });
  made.dataset["sign"] = sign;
  return made;
}
