/** Guided forms: the reader's own time zone is chosen beforehand, and the work that a public form asks for is done. */
import { startFormFiles } from "./formfiles";

export function startGuided(): void {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  document.querySelectorAll<HTMLSelectElement>("[data-zone]").forEach((list) => {
    if (!list.value && [...list.options].some(({ value }) => value === zone)) list.value = zone;
  });
  const field = document.querySelector<HTMLInputElement>("[data-work]");
  if (!field) return startFormFiles();
  void work(field.dataset["work"] ?? "", Number(field.dataset["bits"])).then((found) => {
    field.value = found;
    // Without it files go with the form.
    if (found) startFormFiles();
  });
}

/** Numbers tried between two looks at what the reader does. */
const AT_ONCE = 64;

/** The first number whose SHA-256 together with the key begins with so many zero bits; nothing where hashing is not. */
export async function work(key: string, bits: number): Promise<string> {
  if (!key || !globalThis.crypto?.subtle) return "";
  for (let from = 0; ; from += AT_ONCE) {
    const tried = await Promise.all(Array.from({ length: AT_ONCE }, (_, place) => zeroBits(`${key}.${from + place}`)));
    const found = tried.findIndex((zeros) => zeros >= bits);
    if (found >= 0) return String(from + found);
  }
}

async function zeroBits(text: string): Promise<number> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Math.clz32(new DataView(digest).getUint32(0));
}
