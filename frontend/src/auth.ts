/** Sign-in pages: works without script; this only smooths typing codes and keeping recovery codes. */
import "./styles/auth.css";
import { startBulletins } from "./shared/bulletins";
import { startDates } from "./shared/dates";
import { startPasskeyForms } from "./shared/passkeys";
import { startReveal } from "./shared/reveal";

const CODE_LENGTH = 6;
const each = <T extends HTMLElement>(selector: string, run: (element: T) => void): void =>
  document.querySelectorAll<T>(selector).forEach(run);

startReveal();
startBulletins();
startPasskeyForms();

each<HTMLInputElement>("[data-code-form] .code-field", (field) => {
  field.addEventListener("input", () => {
    field.value = field.value.replace(/\D/g, "").slice(0, CODE_LENGTH);
    if (field.value.length === CODE_LENGTH) field.form?.requestSubmit();
  });
});

// One submit is enough: a second press would use the code twice and be refused.
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

each("[data-print]", (button) => button.addEventListener("click", () => window.print()));

const codes = (): string => [...document.querySelectorAll("[data-codes] li")].map((item) => item.textContent).join("\n");

each("[data-copy-codes]", (button) => {
  button.addEventListener("click", () => {
    void navigator.clipboard.writeText(codes()).then(() => {
      button.textContent = button.dataset["done"] ?? "";
    });
  });
});

each("[data-download-codes]", (button) => {
  button.addEventListener("click", () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([`${codes()}\n`], { type: "text/plain" }));
    link.download = button.dataset["downloadCodes"] ?? "";
    link.click();
    URL.revokeObjectURL(link.href);
  });
});

startDates((selector, start) => each(selector, start), document.body.dataset["justNow"] ?? "");
