/** The trust panel follows the timeline; step-ups: passkey forms, and the dialog they stand in. */
import htmx from "htmx.org";
import { find, whenPresent } from "../shared/dom";
import { getFragment } from "../shared/http";
import { wirePasskeyForm } from "../shared/passkeys";

let waiting: number | undefined;
const PAUSE_MS = 300;

/** Read the panel again, unless somebody is typing in it: nothing moves under the hand. */
async function refresh(): Promise<void> {
  const panel = find("#trust[data-trust-url]");
  if (!panel || find("details[open]", panel)) return;
  const html = await getFragment(panel.dataset["trustUrl"] ?? "").catch(() => "");
  if (!html.trim() || !panel.isConnected || find("details[open]", panel)) return;
  panel.outerHTML = html;
  const fresh = find("#trust");
  if (fresh) htmx.process(fresh);
}

function refreshSoon(): void {
  clearTimeout(waiting);
  waiting = window.setTimeout(() => void refresh(), PAUSE_MS);
}

export function startTrust(): void {
  // Only what arrives while one looks: the panel of a fresh page is as fresh as its timeline.
  whenPresent("[data-fund-step]", (step) => {
    if (step.classList.contains("msg-new")) refreshSoon();
  });
  whenPresent("form[data-passkey]", (form) => wirePasskeyForm(form as HTMLFormElement));
  whenPresent("dialog[data-modal]", (element) => {
    const dialog = element as HTMLDialogElement;
    // Open without scripts; with them it is modal, and Escape leads back to the form behind it.
    dialog.close();
    dialog.showModal();
  });
}
