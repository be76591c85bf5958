/** The customer portal: works without script, passkeys apart; keeps a form from being sent twice and tells dates. */
import "./styles/portal.css";
import { startBulletins } from "./shared/bulletins";
import { startDates } from "./shared/dates";
import { startGuided } from "./shared/guided";
import { startPasskeyForms } from "./shared/passkeys";
import { startSuggest } from "./shared/suggest";

const each = <T extends HTMLElement>(selector: string, run: (element: T) => void): void =>
  document.querySelectorAll<T>(selector).forEach(run);

each<HTMLFormElement>("[data-form]", (form) => {
  form.addEventListener("submit", (event) => {
    if (form.dataset["sent"] === "yes") return event.preventDefault();
    form.dataset["sent"] = "yes";
    form.querySelector(".btn-primary")?.setAttribute("aria-busy", "true");
  });
  window.addEventListener("pageshow", () => {
    form.dataset["sent"] = "";
    form.querySelector(".btn-primary")?.removeAttribute("aria-busy");
  });
});

startDates((selector, start) => each(selector, start), document.body.dataset["justNow"] ?? "");
startBulletins();
startPasskeyForms();
startGuided();
startSuggest();
