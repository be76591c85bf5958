/** How long to wait before trying again. */
export const FIRST_MS = 500;
export const LONGEST_MS = 30_000;

/** Full jitter: anywhere between half and the whole of an exponential step, so that a restart is not stormed. */
export function waitMs(attempt: number, random: () => number = Math.random): number {
  const step = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.max(0, attempt));
  return Math.round(step / 2 + (random() * step) / 2);
}
