/** Forms at the desk that end with a passkey; what a passkey needs is loaded with the first of them. */
import { whenPresent } from "../shared/dom";

export function startReviews(): void {
  whenPresent("form[data-passkey]", (form) => {
    if (form instanceof HTMLFormElement) void import("../shared/passkeys").then(({ wirePasskeyForm }) => wirePasskeyForm(form));
  });
}
