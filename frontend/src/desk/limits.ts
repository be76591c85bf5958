/** How large and how many attachments may be; the server checks again. */
export interface Limits {
  bytes: number;
  count: number;
}

/** Why a file may not be added, as the name of a word and its value; null when it may. 0 means no limit. */
export function refusal(size: number, already: number, limits: Limits): { word: string; max: number } | null {
  if (limits.count && already >= limits.count) return { word: "file-too-many", max: limits.count };
  if (limits.bytes && size > limits.bytes) return { word: "file-too-big", max: limits.bytes };
  return null;
}
