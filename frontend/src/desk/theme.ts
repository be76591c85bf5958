/** The theme choice takes effect at once; the form tells the server. */
import { findAll, on } from "../shared/dom";
import { postForm } from "../shared/http";

export function startTheme(): void {
  on("click", "[data-theme-form] [name=theme]", (button, event) => {
    event.preventDefault();
    const choice = (button as HTMLButtonElement).value;
    document.documentElement.dataset["theme"] = choice;
    for (const other of findAll("[data-theme-form] [name=theme]")) {
      other.setAttribute("aria-pressed", String(other === button));
    }
    const form = button.closest("form");
    if (!form) return;
    const fields = new URLSearchParams(new FormData(form) as unknown as Record<string, string>);
    fields.set("theme", choice);
    // The server answers with a redirect to the page we are on; that is no failure.
    postForm(form.action, fields).catch(() => undefined);
  });
}
