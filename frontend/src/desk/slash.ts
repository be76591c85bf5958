/** What stands after a slash before the caret, and what it finds: no page needed. */
export interface Canned {
  id: string;
  shortcut: string;
  title: string;
  scope: string;
  text: string;
  /** What it does to the ticket, one sentence each; none for a mere text. */
  actions: string[];
}

/** The word after a slash that begins a line or follows a space, up to the caret; null where there is none. */
export function slashBefore(text: string, caret: number): { from: number; word: string } | null {
  const found = /(?:^|\s)\/([\p{L}\p{N}-]{0,40})$/u.exec(text.slice(0, caret));
  return found ? { from: caret - (found[1]?.length ?? 0) - 1, word: (found[1] ?? "").toLocaleLowerCase() } : null;
}

/** Those whose shortcut begins with the word, then those whose shortcut or title holds it. */
export function finds(replies: readonly Canned[], word: string): Canned[] {
  const begin = replies.filter((one) => one.shortcut.startsWith(word));
  const hold = replies.filter((one) => !begin.includes(one) && `${one.shortcut} ${one.title}`.toLocaleLowerCase().includes(word));
  return [...begin, ...hold].slice(0, 20);
}
