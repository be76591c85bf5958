/** While somebody writes in a form: articles that may answer it. "This solved it" ends it, and is counted. */
const QUIET_MS = 700;
const SHORTEST = 8;

export interface Suggested {
  id: string;
  title: string;
  url: string;
}

export async function tellSolved(url: string, id: string, door: string): Promise<void> {
  await fetch(url, { method: "POST", credentials: "same-origin", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ id, door }) }).catch(() => null);
}

export function startSuggest(): void {
  const place = document.querySelector<HTMLElement>("[data-suggest]");
  const form = place?.closest("form");
  if (!place || !form) return;
  let timer = 0;
  let asked = "";
  form.addEventListener("input", (event) => {
    const field = event.target;
    if (!(field instanceof HTMLTextAreaElement)) return;
    window.clearTimeout(timer);
    timer = window.setTimeout(() => void look(place, field.value.trim()), QUIET_MS);
  });

  async function look(box: HTMLElement, text: string): Promise<void> {
    if (text.length < SHORTEST || text === asked) return;
    asked = text;
    const body = JSON.stringify({ text, language: document.documentElement.lang });
    const answer = await fetch(box.dataset["suggest"] ?? "", { method: "POST", credentials: "same-origin", headers: { "Content-Type": "application/json" }, body }).catch(() => null);
    if (!answer?.ok) return;
    const found = ((await answer.json()) as { suggestions: Suggested[] }).suggestions;
    box.hidden = found.length === 0;
    box.querySelector("ul")?.replaceChildren(...found.map((one) => item(box, one)));
  }

  function item(box: HTMLElement, one: Suggested): HTMLElement {
    const line = (box.querySelector("template") as HTMLTemplateElement).content.firstElementChild?.cloneNode(true) as HTMLElement;
    Object.assign(line.querySelector("a") as HTMLAnchorElement, { textContent: one.title, href: one.url });
    line.querySelector("button")?.addEventListener("click", () => {
      void tellSolved(box.dataset["solved"] ?? "", one.id, "web").then(() => {
        box.textContent = box.dataset["thanks"] ?? "";
        box.tabIndex = -1;
        box.focus();
      });
    });
    return line;
  }
}
