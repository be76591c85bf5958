/** The form of a view: values to choose from for each condition, and the count while it is made. */
import { find, on } from "../shared/dom";
import { getFragment } from "../shared/http";

const PAUSE_MS = 400;
let timer: number | undefined;

async function count(form: HTMLFormElement): Promise<void> {
  const asked = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (["field", "is", "value"].includes(name) && typeof value === "string") asked.append(name, value);
  }
  const html = await getFragment(`${form.dataset["countUrl"]}?${asked}`).catch(() => null);
  const place = find("[data-view-count]", form);
  if (html !== null && place) place.innerHTML = html;
}

function countSoon(form: HTMLFormElement): void {
  clearTimeout(timer);
  timer = window.setTimeout(() => void count(form), PAUSE_MS);
}

export function startViews(): void {
  on("change", "[data-view-field]", (field) => {
    const value = field.closest("[data-view-row]")?.querySelector("[data-view-value]");
    value?.setAttribute("list", `values-${(field as HTMLSelectElement).value}`);
  });
  for (const kind of ["change", "input"] as const) {
    on(kind, "[data-view-row] select, [data-view-row] input", (field) => {
      const form = field.closest<HTMLFormElement>("[data-view-form]");
      if (form) countSoon(form);
    });
  }
}
