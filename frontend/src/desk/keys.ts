/** Names of key presses, and sequences of two: no page needed. */
const SEQUENCE_MS = 1200;

export interface Press {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
}

/** The name of a press as written in data-shortcut: "r", "?", "mod+k"; "" for what is not a shortcut of ours. */
export function nameOf(press: Press): string {
  if (press.altKey) return "";
  const key = press.key.length === 1 ? press.key.toLowerCase() : press.key;
  if (press.ctrlKey || press.metaKey) return key === "k" ? "mod+k" : "";
  return key;
}

/** Remembers the first key of "g m". */
export class Sequence {
  private first = "";
  private at = 0;

  /** Names to look for, longest first. */
  read(name: string, now: number): string[] {
    const whole = this.first && now - this.at < SEQUENCE_MS ? `${this.first} ${name}` : "";
    this.first = whole ? "" : name === "g" ? name : "";
    this.at = now;
    return whole ? [whole] : [name];
  }
}
