/** Words for things that happen after the page was made; they come from the template, in the reader's language. */
export function word(name: string): string {
  const key = name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  return document.getElementById("words")?.dataset[key] ?? "";
}

/** Replace {name} marks. */
export function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (mark, name: string) => (name in values ? String(values[name]) : mark));
}

/** The form for one or for many, with {n} written in the reader's digits. */
export function counted(element: HTMLElement, n: number): string {
  const text = n === 1 ? element.dataset["one"] : element.dataset["many"];
  return fill(text ?? "", { n: new Intl.NumberFormat(document.documentElement.lang).format(n) });
}
