/** The way back into a chat by the link of a mail: takes its secret out of the address, uses it once, shows the chat. */
interface Opened {
  inbox: string;
  token: string;
}

// Which chat this tab shows: for a reload.
const SHOWN = "pharos-chat-back";
const place = document.querySelector<HTMLElement>("[data-back]");
const button = document.querySelector<HTMLButtonElement>("[data-come]");
const problem = document.querySelector<HTMLElement>("[data-problem]");

function tell(words: string): void {
  if (!problem) return;
  problem.textContent = words;
  problem.hidden = !words;
}

/** Let the frame find the token where it keeps its own; of another conversation nothing stays. */
function keep({ inbox, token }: Opened): void {
  const prefix = `pharos-chat:${inbox}:`;
  for (const key of Object.keys(localStorage)) if (key.startsWith(prefix)) localStorage.removeItem(key);
  localStorage.setItem(`${prefix}token`, token);
  sessionStorage.setItem(SHOWN, inbox);
}

function show(inbox: string): void {
  const lead = document.querySelector<HTMLElement>("[data-lead]");
  if (lead) lead.textContent = place?.dataset["open"] ?? "";
  if (button) button.hidden = true;
  const script = document.createElement("script");
  script.src = `/chat/${encodeURIComponent(inbox)}/loader.js`;
  script.dataset["lang"] = document.documentElement.lang;
  script.dataset["title"] = place?.dataset["title"] ?? "";
  script.addEventListener("load", () => (window as unknown as { Pharos: { open: () => void } }).Pharos.open());
  document.body.append(script);
}

async function come(link: string): Promise<void> {
  tell("");
  button?.setAttribute("aria-busy", "true");
  try {
    const headers = { "Content-Type": "application/json" };
    const response = await fetch("/chat/back/open/", { method: "POST", headers, credentials: "omit", body: JSON.stringify({ link }) });
    const answer = (await response.json()) as Opened & { detail?: string };
    if (!response.ok) return tell(answer.detail ?? place?.dataset["away"] ?? "");
    keep(answer);
    show(answer.inbox);
  } catch {
    tell(place?.dataset["away"] ?? "");
  } finally {
    button?.removeAttribute("aria-busy");
  }
}

const link = location.hash.slice(1);
const shown = sessionStorage.getItem(SHOWN);
// Neither history nor a page that is sent on has it any more.
if (link) history.replaceState(null, "", location.pathname);
if (link && button) {
  button.hidden = false;
  button.addEventListener("click", () => {
    if (button.getAttribute("aria-busy") !== "true") void come(link);
  });
} else if (shown) show(shown);
else tell(place?.dataset["none"] ?? "");

export {};
