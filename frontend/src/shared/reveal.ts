/** Show and hide what is typed into a password field. */
export function startReveal(): void {
  document.querySelectorAll<HTMLElement>("[data-reveal]").forEach((box) => {
    const field = box.querySelector("input");
    const button = box.querySelector<HTMLButtonElement>("[data-reveal-button]");
    if (!field || !button) return;
    button.hidden = false;
    button.addEventListener("click", () => {
      const isShown = field.type === "text";
      field.type = isShown ? "password" : "text";
      button.textContent = (isShown ? button.dataset["show"] : button.dataset["hide"]) ?? "";
      button.setAttribute("aria-pressed", String(!isShown));
      field.focus();
    });
  });
}
