/** Calls in the browser: the provider's script is loaded on the page of calls alone, and only where the page names it. */
import { find, on, whenPresent } from "../shared/dom";
import { postForm } from "../shared/http";

interface Call {
  accept(): void;
  disconnect(): void;
  reject(): void;
  sendDigits(digits: string): void;
  on(what: string, heard: () => void): void;
}
interface Device {
  register(): Promise<void>;
  updateToken(token: string): void;
  on(what: string, heard: (call: Call) => void): void;
}
interface Provider {
  Device: new (token: string) => Device;
}

let current: Call | null = null;

export function startSoftphone(): void {
  whenPresent("[data-softphone]", (place) => {
    const script = document.createElement("script");
    script.src = place.dataset["softphone"] ?? "";
    script.addEventListener("load", () => void begin(place).catch(() => say(place, "failed")));
    script.addEventListener("error", () => say(place, "failed"));
    document.head.append(script);
  });
  on("click", "[data-softphone-answer]", () => current?.accept());
  on("click", "[data-softphone-take]", () => current?.sendDigits("1"));
  on("click", "[data-softphone-end]", () => {
    current?.disconnect();
    current?.reject();
  });
}

async function begin(place: HTMLElement): Promise<void> {
  const provider = (window as unknown as { Twilio?: Provider }).Twilio;
  const token = await askToken(place);
  if (!provider || !token) return say(place, "failed");
  const device = new provider.Device(token);
  device.on("incoming", (call) => ring(place, call));
  device.on("error", () => say(place, "failed"));
  device.on("tokenWillExpire", () => void askToken(place).then((fresh) => fresh && device.updateToken(fresh)));
  await device.register();
  say(place, "ready");
}

async function askToken(place: HTMLElement): Promise<string> {
  const answer = await postForm(place.dataset["tokenUrl"] ?? "", new FormData());
  return answer.ok ? ((await answer.json()) as { token: string }).token : "";
}

function ring(place: HTMLElement, call: Call): void {
  current = call;
  show(place, "rings");
  call.on("accept", () => show(place, "talks"));
  for (const over of ["disconnect", "cancel", "reject"]) {
    call.on(over, () => {
      current = null;
      show(place, "ready");
    });
  }
}

/** Say how it stands, and offer what may be done. */
function show(place: HTMLElement, state: "ready" | "rings" | "talks"): void {
  say(place, state);
  find("[data-softphone-answer]", place)?.toggleAttribute("hidden", state !== "rings");
  find("[data-softphone-take]", place)?.toggleAttribute("hidden", state !== "talks");
  find("[data-softphone-end]", place)?.toggleAttribute("hidden", state === "ready");
}

function say(place: HTMLElement, state: "ready" | "rings" | "talks" | "failed"): void {
  const said = find("[data-softphone-state]", place);
  if (said) said.textContent = said.dataset[`text${state[0]?.toUpperCase() ?? ""}${state.slice(1)}`] ?? "";
}
