/** The picker's grid as numbers: its rows, where an arrow leads, what a search finds, what was used lately. No page needed. */
/** A sign, its name in the page's language, and the English one. */
export type Sign = readonly [sign: string, name: string, english: string];

export interface Group {
  name: string;
  signs: readonly Sign[];
}

export interface Place {
  row: number;
  column: number;
}

export const COLUMNS = 8;

/** The signs of a group, by rows. */
export function rowsOf<T>(signs: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(signs.length / COLUMNS) }, (_, row) => signs.slice(row * COLUMNS, (row + 1) * COLUMNS));
}

/** Where `key` leads among rows of these lengths: null for a key that leads nowhere, "above" from the first row up. */
export function moved({ row, column }: Place, key: string, isWhole: boolean, lengths: readonly number[]): Place | "above" | null {
  const at = (wanted: number, there: number): Place => {
    const found = Math.min(Math.max(wanted, 0), lengths.length - 1);
    return { row: found, column: Math.min(there, (lengths[found] ?? 1) - 1) };
  };
  const last = (lengths[row] ?? 1) - 1;
  switch (key) {
    case "ArrowRight":
      return column < last ? { row, column: column + 1 } : row < lengths.length - 1 ? at(row + 1, 0) : { row, column };
    case "ArrowLeft":
      return column > 0 ? { row, column: column - 1 } : row > 0 ? at(row - 1, COLUMNS) : { row, column };
    case "ArrowDown":
      return row < lengths.length - 1 ? at(row + 1, column) : { row, column };
    case "ArrowUp":
      return row > 0 ? at(row - 1, column) : "above";
    case "Home":
      return isWhole ? at(0, 0) : { row, column: 0 };
    case "End":
      return isWhole ? at(lengths.length - 1, COLUMNS) : { row, column: last };
    default:
      return null;
  }
}

/** Those whose name holds every word of what is searched: first those that begin with it. */
export function searched(groups: readonly Group[], words: string): Sign[] {
  const wanted = words.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  if (!wanted.length) return [];
  const named = groups.flatMap(({ signs }) => signs).map((one) => ({ one, names: `${one[1]} ${one[2]}`.toLocaleLowerCase() }));
  const found = named.filter(({ one, names }) => wanted.every((word) => names.includes(word)) || one[0] === words.trim());
  const first = (names: string): number => (names.startsWith(wanted[0] ?? "") ? 0 : 1);
  return found.sort((a, b) => first(a.names) - first(b.names)).map(({ one }) => one);
}

/** What was used lately, now that `sign` was: a row of it. */
export function usedLately(before: readonly string[], sign: string): string[] {
  return [sign, ...before.filter((one) => one !== sign)].slice(0, COLUMNS);
}

/** What a store has kept of it; whatever else stands there is nothing. */
export function lately(kept: string | null, groups: readonly Group[]): Sign[] {
  let signs: unknown;
  try {
    signs = JSON.parse(kept ?? "[]");
  } catch {
    return [];
  }
  const known = new Map(groups.flatMap((group) => group.signs.map((one) => [one[0], one] as const)));
  if (!Array.isArray(signs)) return [];
  return signs.map((one) => known.get(one as string)).filter((one) => one !== undefined).slice(0, COLUMNS);
}
