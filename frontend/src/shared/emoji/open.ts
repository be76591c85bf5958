/** Opens the emoji picker, which is a chunk of its own: nobody who needs none loads it. */
import type { Picker } from "./picker";

/** Where what was used lately is kept. */
export interface Kept {
  get: (key: string) => string | null;
  set: (key: string, value: string) => void;
}

/** The key of what was used lately. */
export const LATELY = "emoji";

const pickers = new WeakMap<HTMLElement, Picker>();

/** Open or close the picker `box`, whose signs go into `field`; without the network it stays closed. */
export async function toggleEmoji(box: HTMLElement, button: HTMLElement, field: HTMLTextAreaElement, store: Kept): Promise<void> {
  let picker = pickers.get(box);
  if (!picker) {
    const loaded = await import("./picker").catch(() => null);
    if (!loaded) return;
    // A second press may have come while it was loaded.
    picker = pickers.get(box) ?? new loaded.Picker(box, button, field, store);
    pickers.set(box, picker);
  }
  picker.toggle();
}
