/** The last searches: no page needed. */
const KEPT = 6;

/** The list with this one on top, each once, and not too many. */
export function remembered(before: readonly string[], query: string): string[] {
  const said = query.trim();
  return said ? [said, ...before.filter((one) => one !== said)].slice(0, KEPT) : [...before];
}
