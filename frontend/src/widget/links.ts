/** Addresses in a text become links; nothing but http and https does, and what stands there is what is opened. */
export interface Piece {
  text: string;
  href: string;
}

const ADDRESS = /https?:\/\/[^\s<>"'`{}|\\^]+/gi;
const TRAILING = /[.,;:!?，。；：！？、）」』】)\]]+$/;

export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const shown = match[0].replace(TRAILING, "");
    const href = safe(shown);
    if (!href) continue;
    if (match.index > end) found.push({ text: text.slice(end, match.index), href: "" });
    found.push({ text: shown, href });
    end = match.index + shown.length;
  }
  if (end < text.length) found.push({ text: text.slice(end), href: "" });
  return found;
}

/** Names and passwords in an address only ever deceive: such a one stays text. */
function safe(text: string): string {
  try {
    const url = new URL(text);
    const isPlain = (url.protocol === "https:" || url.protocol === "http:") && !url.username && !url.password;
    return isPlain && url.hostname ? url.href : "";
  } catch {
    return "";
  }
}
