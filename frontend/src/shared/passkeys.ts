/** Passkey ceremonies (WebAuthn Level 3) of a form: options from the server, the browser's answer in its hidden field. */
import {
  browserSupportsWebAuthn,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  startAuthentication,
  startRegistration,
} from "@simplewebauthn/browser";
import { postForm, Problem } from "./http";

export type Failure = "unsupported" | "cancelled" | "registered" | "failed" | "away";

/** What the server began: options of the ceremony, and values for hidden fields of the form. */
interface Begun {
  options: PublicKeyCredentialCreationOptionsJSON & PublicKeyCredentialRequestOptionsJSON;
  fields?: Record<string, string>;
}

/** Why a ceremony did not end with an answer; a person who closed the browser's own dialog has "cancelled". */
export function failureOf(error: unknown): Failure {
  if (error instanceof Problem) return "away";
  const name = error instanceof Error ? error.name : "";
  if (name === "NotAllowedError" || name === "AbortError") return "cancelled";
  return name === "InvalidStateError" ? "registered" : "failed";
}

/** Run a ceremony: "create" keeps a new passkey, "get" proves one. Return the credential as JSON text. */
export async function ceremony(kind: "create" | "get", optionsJSON: Begun["options"]): Promise<string> {
  const answer = kind === "create" ? await startRegistration({ optionsJSON }) : await startAuthentication({ optionsJSON });
  return JSON.stringify(answer);
}

/**
 * Wire each `<form data-passkey="create|get" data-options-url>`: pressing its button posts the form to the options' URL,
 * runs the ceremony and submits the form with `response` (and what else the server named) filled in. What goes wrong is
 * told in its `[data-passkey-problem]`, in words of the template or of the server's problem document.
 */
export function startPasskeyForms(): void {
  document.querySelectorAll<HTMLFormElement>("form[data-passkey]").forEach(wirePasskeyForm);
}

/** Wire one form. Its button comes switched off: pressed before this, it would send the form without an answer. */
export function wirePasskeyForm(form: HTMLFormElement): void {
  if (!browserSupportsWebAuthn()) return tell(form, "unsupported");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (form.getAttribute("aria-busy") !== "true") void answer(form);
  });
  const button = form.querySelector("button");
  if (!button) return;
  button.disabled = false;
  if (button.autofocus && document.activeElement === document.body) button.focus();
}

async function answer(form: HTMLFormElement): Promise<void> {
  const button = form.querySelector("button");
  const busy = (on: boolean): void =>
    [form, button].forEach((element) => (on ? element?.setAttribute("aria-busy", "true") : element?.removeAttribute("aria-busy")));
  busy(true);
  tell(form, null);
  try {
    const begun = (await (await postForm(form.dataset["optionsUrl"] ?? "", new FormData(form))).json()) as Begun;
    const kind = form.dataset["passkey"] === "create" ? "create" : "get";
    fill(form, { ...begun.fields, response: await ceremony(kind, begun.options) });
    form.submit();
  } catch (error) {
    busy(false);
    tell(form, failureOf(error), error instanceof Problem ? error.detail : "");
  }
}

function fill(form: HTMLFormElement, values: Record<string, string>): void {
  for (const [name, value] of Object.entries(values)) {
    const field = form.elements.namedItem(name);
    if (field instanceof HTMLInputElement) field.value = value;
  }
}

function tell(form: HTMLFormElement, failure: Failure | null, detail = ""): void {
  const place = form.querySelector<HTMLElement>("[data-passkey-problem]");
  if (!place) return;
  place.hidden = failure === null;
  place.textContent = failure === null ? "" : detail || (place.dataset[failure] ?? "");
}
