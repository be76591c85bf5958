/** Notifications on this device: turning them on after a press, and telling the server under whom this browser is there. */
import { find, findAll } from "../shared/dom";
import { postForm } from "../shared/http";

type State = "unsupported" | "denied" | "failed" | "off" | "on";

const SCOPE = "/desk/";

/** Find out at each page whether this browser is known; on the account page, show it and let it be changed. */
export function startPush(): void {
  const card = find("[data-push]");
  const isAble = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
  if (!isAble) {
    if (card) show(card, "unsupported");
    return;
  }
  void look(card);
}

async function look(card: HTMLElement | null): Promise<void> {
  const digest = await known();
  if (!card) return;
  find("[data-push-on]", card)?.addEventListener("submit", (event) => {
    event.preventDefault();
    void turnOn(card, event.target as HTMLFormElement);
  });
  for (const form of findAll<HTMLFormElement>("[data-push-off]", card)) {
    if (form.dataset["pushOff"] === digest) form.addEventListener("submit", (event) => void turnOff(event, form));
  }
  for (const badge of findAll("[data-push-here]", card)) badge.hidden = badge.dataset["pushHere"] !== digest;
  show(card, digest ? "on" : Notification.permission === "denied" ? "denied" : "off");
}

/** The digest of this browser's address if it is this person's; one that is not is given up. */
async function known(): Promise<string> {
  const url = document.body.dataset["deviceHereUrl"];
  const subscription = await subscribed();
  if (!subscription || !url) return "";
  const digest = await digestOf(subscription.endpoint);
  try {
    const said = (await (await postForm(url, new URLSearchParams({ digest }))).json()) as { is_on: boolean };
    if (said.is_on) return digest;
    await subscription.unsubscribe();
  } catch {
    // The next page asks again.
  }
  return "";
}

async function subscribed(): Promise<PushSubscription | null> {
  try {
    const registration = await navigator.serviceWorker.getRegistration(SCOPE);
    return (await registration?.pushManager.getSubscription()) ?? null;
  } catch {
    return null;
  }
}

async function digestOf(endpoint: string): Promise<string> {
  const raw = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(endpoint));
  return [...new Uint8Array(raw)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function turnOn(card: HTMLElement, form: HTMLFormElement): Promise<void> {
  const button = find("button", form);
  if (button?.getAttribute("aria-busy") === "true") return;
  button?.setAttribute("aria-busy", "true");
  try {
    const permission = await Notification.requestPermission();
    if (permission !== "granted") return show(card, permission === "denied" ? "denied" : "off");
    fill(form, await subscribe(card));
    form.submit();
  } catch {
    show(card, "failed");
  } finally {
    button?.removeAttribute("aria-busy");
  }
}

async function subscribe(card: HTMLElement): Promise<PushSubscription> {
  const registration = await navigator.serviceWorker.register(card.dataset["workerUrl"] ?? "", { scope: SCOPE });
  await active(registration);
  // One of another key, or of somebody else, would stand in the way.
  await (await registration.pushManager.getSubscription())?.unsubscribe();
  return registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: card.dataset["push"] ?? "" });
}

function active(registration: ServiceWorkerRegistration): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = registration.installing ?? registration.waiting ?? registration.active;
    const look = (): void => {
      if (registration.active) resolve();
      else if (!worker || worker.state === "redundant") reject(new Error("the worker did not start"));
    };
    worker?.addEventListener("statechange", look);
    look();
  });
}

function fill(form: HTMLFormElement, subscription: PushSubscription): void {
  const { endpoint = "", keys = {} } = subscription.toJSON();
  const values = { endpoint, browser_key: keys["p256dh"] ?? "", auth: keys["auth"] ?? "" };
  for (const [name, value] of Object.entries(values)) {
    const field = form.elements.namedItem(name);
    if (field instanceof HTMLInputElement) field.value = value;
  }
}

async function turnOff(event: Event, form: HTMLFormElement): Promise<void> {
  event.preventDefault();
  await (await subscribed())?.unsubscribe();
  form.submit();
}

function show(card: HTMLElement, state: State): void {
  for (const part of findAll("[data-push-when]", card)) part.hidden = !(part.dataset["pushWhen"] ?? "").split(" ").includes(state);
}
