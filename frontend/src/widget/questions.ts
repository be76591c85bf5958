/** How one question of a form before a chat looks. */
import { type Suggested, tellSolved } from "../shared/suggest";
import { word } from "../shared/words";

export interface Question {
  id: string;
  kind: "text" | "choice" | "tx_hash" | "asset" | "time";
  label: string;
  is_required: boolean;
  /** Each as it is answered, and as it is shown. */
  choices: [string, string][];
  networks: [string, string][];
}

export function dress(line: HTMLElement, question: Question): void {
  const label = line.querySelector("label") as HTMLLabelElement;
  const [field, network] = [...line.querySelectorAll<HTMLInputElement | HTMLSelectElement>("[data-answer], [data-network]")];
  const problem = line.querySelector("[data-problem]") as HTMLElement;
  label.textContent = question.is_required ? question.label : `${question.label} ${word("optional")}`;
  label.htmlFor = `q-${question.id}`;
  problem.id = `p-${question.id}`;
  field?.setAttribute("aria-describedby", problem.id);
  if (field) Object.assign(field, { id: label.htmlFor, required: question.is_required });
  if (network) network.id = `n-${question.id}`;
  const choices = question.kind === "choice" ? question.choices : question.kind === "time" ? zones() : question.networks;
  for (const [value, name] of choices) (network ?? field)?.append(new Option(name, value));
}

/** Where a time may be told: the reader's own zone before all. */
function zones(): [string, string][] {
  return [...new Set([Intl.DateTimeFormat().resolvedOptions().timeZone, "UTC"])].map((zone) => [zone, zone.replaceAll("_", " ")]);
}

export function item({ id, title, url }: Suggested): HTMLElement {
  return clone("t-suggestion", (one) => {
    Object.assign(one.querySelector("a") as HTMLAnchorElement, { textContent: title, href: url });
    const button = one.querySelector("button") as HTMLButtonElement;
    button.hidden = !id;
    button.addEventListener("click", () => void tellSolved("/help/solved/", id, "chat").then(() => {
      const line = Object.assign(document.createElement("li"), { textContent: button.dataset["thanks"] ?? "" });
      button.closest("ul")?.replaceChildren(line);
    }));
  });
}

export function clone(id: string, dressed: (element: HTMLElement) => unknown): HTMLElement {
  const element = (document.getElementById(id) as HTMLTemplateElement).content.firstElementChild?.cloneNode(true) as HTMLElement;
  dressed(element);
  return element;
}
