/** Requests the modules make themselves; htmx makes the others. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly detail: string = "",
  ) {
    super(`${status} ${detail}`);
  }
}

export function csrfToken(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";
}

// What the page reads by itself keeps no session awake: an unattended desk still signs out.
const BACKGROUND = { "X-Background": "1" };

/** GET a fragment. Throws Problem (status 0 = no answer). */
export async function getFragment(url: string): Promise<string> {
  return (await ask(url, { headers: { ...BACKGROUND, Accept: "text/html" } })).text();
}

export async function getJson<T>(url: string): Promise<T> {
  return (await ask(url, { headers: { ...BACKGROUND, Accept: "application/json" } })).json() as Promise<T>;
}

export async function postForm(url: string, body: FormData | URLSearchParams, keepalive = false): Promise<Response> {
  return ask(url, { method: "POST", body, keepalive, headers: { Accept: "application/json, text/html" } });
}

async function ask(url: string, init: RequestInit): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set("HX-Request", "true");
  headers.set("HX-Request-Type", "partial");
  if (init.method === "POST") headers.set("X-CSRFToken", csrfToken());
  let response: Response;
  try {
    response = await fetch(url, { ...init, headers, credentials: "same-origin" });
  } catch {
    throw new Problem(0);
  }
  // A sign-in page instead of the fragment means that the session is gone.
  if (response.redirected) throw new Problem(401);
  if (!response.ok) throw new Problem(response.status, await detailOf(response));
  return response;
}

async function detailOf(response: Response): Promise<string> {
  if (!response.headers.get("Content-Type")?.includes("json")) return "";
  try {
    const body = (await response.json()) as { detail?: unknown };
    return typeof body.detail === "string" ? body.detail : "";
  } catch {
    return "";
  }
}
