/** How long a reply is as SMS: how many, and how much more the last one takes. */

export interface Length {
  parts: number;
  left: number;
  isWide: boolean;
}

/** Alone an SMS holds the first figure, one of several the second. */
const PLAIN = [160, 153] as const;
const WIDE = [70, 67] as const;

/** Count a text by the alphabet that the server gives; a character of two units never lies in two SMS. */
export function lengthOf(text: string, basic: string, extended: string): Length {
  const short = new Set(basic + extended);
  const isWide = ![...text].every((character) => short.has(character));
  const [alone, each] = isWide ? WIDE : PLAIN;
  const costs = [...text].map((character) => (isWide ? character.length : extended.includes(character) ? 2 : 1));
  const total = costs.reduce((sum, cost) => sum + cost, 0);
  if (total <= alone) return { parts: total ? 1 : 0, left: alone - total, isWide };
  let parts = 1;
  let used = 0;
  for (const cost of costs) {
    if (used + cost > each) {
      parts += 1;
      used = 0;
    }
    used += cost;
  }
  return { parts, left: each - used, isWide };
}
