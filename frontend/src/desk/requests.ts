/** What every htmx request needs: the CSRF token, and an honest word when it fails. */
import { find } from "../shared/dom";
import { csrfToken } from "../shared/http";
import { problemOf, showProblem } from "./panes";
import { syncTimeline } from "./timeline";
import { toast } from "./toasts";

interface Context {
  target?: Element;
  sourceElement?: Element;
  request?: { action: string; method: string; headers: Record<string, string> };
  response?: { status: number; raw: Response };
  swap?: string;
}

const contextOf = (event: Event): Context => ((event as CustomEvent).detail?.ctx ?? {}) as Context;
const EXPECTED = new Set([409, 422]);

function failed(context: Context, status: number): void {
  const { target, request } = context;
  if (status === 401) return void window.dispatchEvent(new Event("pharos:signed-out"));
  if (request?.method === "GET" && target instanceof HTMLElement && (target.id === "case" || target.id === "queue")) {
    return showProblem(target, status, request.action);
  }
  const { title, text } = problemOf(status);
  toast(`${title}. ${text}`, true);
}

export function startRequests(): void {
  document.addEventListener("htmx:config:request", (event) => {
    const { request } = contextOf(event);
    if (request && request.method !== "GET") request.headers["X-CSRFToken"] = csrfToken();
  });
  document.addEventListener("htmx:before:response", (event) => {
    const { response } = contextOf(event);
    // Signed out meanwhile: the answer is the sign-in page, which must not land in a pane.
    if (!response?.raw.redirected || !response.raw.url.includes(document.body.dataset["signInUrl"] ?? "\0")) return;
    event.preventDefault();
    window.dispatchEvent(new Event("pharos:signed-out"));
  });
  document.addEventListener("htmx:response:error", (event) => {
    const context = contextOf(event);
    const status = context.response?.status ?? 0;
    if (!EXPECTED.has(status)) failed(context, status);
  });
  document.addEventListener("htmx:error", (event) => {
    const context = contextOf(event);
    if (context.request) failed(context, 0);
  });
  document.addEventListener("htmx:after:swap", (event) => {
    const context = contextOf(event);
    if (!context.request || context.request.method === "GET" || !find("[data-case]")) return;
    // What we did ourselves shows at once, with or without a socket.
    void syncTimeline(true);
    document.querySelector<HTMLElement>("[data-announce]")?.focus();
  });
}
