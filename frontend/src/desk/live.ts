/** Joins the socket to the page: events lead to reading again, silence to polling, gaps to a resync. */
import htmx from "htmx.org";
import { announce, cloneOf, find, findAll, whenPresent } from "../shared/dom";
import type { DeskEvent } from "../generated/events";
import { getFragment } from "../shared/http";
import { word } from "../shared/words";
import { chatMoved, consoleSoon } from "./console";
import { countsSoon } from "./counts";
import { checkForNews, currentView, ticketsMoved } from "./queue";
import { type ConnectionState, DeskSocket } from "./socket";
import { lastSeq, openTicket, refreshMessage, syncTimeline } from "./timeline";

const POLL_MS = 15_000;
const PATIENCE_MS = 4_000;

let poll: number | undefined;
let wasLive = false;
let shownBanner: string | null = null;

/** Bring the header up to date, unless a menu in it is open: nothing moves under the hand. */
async function refreshHeader(version: number): Promise<void> {
  const header = find("#case-header");
  const url = find("[data-case]")?.dataset["headerUrl"];
  if (!header || !url || (version && Number(header.dataset["version"]) >= version) || find("details[open]", header)) return;
  const html = await getFragment(url).catch(() => "");
  // The same version is left standing: an answer on its way to it, or a finger on it, must find it.
  if (!html || html.includes(`data-version="${header.dataset["version"]}"`)) return;
  if (!header.isConnected || find("details[open], .htmx-request", header)) return;
  header.outerHTML = html;
  const fresh = find("#case-header");
  if (fresh) htmx.process(fresh);
}

export function resync(): void {
  void syncTimeline();
  // What was on its way when events stopped may have arrived, or come back.
  for (const message of findAll('[data-delivery="held"], [data-delivery="queued"]')) void refreshMessage(Number(message.dataset["seq"]));
  void checkForNews();
  void refreshHeader(0);
  countsSoon();
  consoleSoon();
}

function receive(event: DeskEvent): void {
  switch (event.type) {
    case "message.added":
      if (event.ticket === openTicket() && event.seq > lastSeq()) void syncTimeline();
      chatMoved(event.ticket);
      return ticketsMoved([event.ticket]);
    case "message.changed":
      if (event.ticket === openTicket()) void refreshMessage(event.seq);
      return;
    case "ticket.changed":
      countsSoon();
      chatMoved(event.ticket);
      if (event.ticket === openTicket()) void refreshHeader(event.version);
      return ticketsMoved([event.ticket]);
    case "rows.changed":
      if (event.counts) countsSoon();
      event.tickets.forEach(chatMoved);
      return ticketsMoved(event.tickets);
    case "customer.typed":
    case "customer.saw":
      return void window.dispatchEvent(new CustomEvent("pharos:chat", { detail: event }));
    case "chat.offered":
    case "chat.offer_ended":
    case "console.changed":
      return consoleSoon();
    case "session.revoked":
    case "subscription.refused":
    case "pong":
      return;
    default:
      event satisfies never;
  }
}

function banner(template: string | null): void {
  shownBanner = template;
  find("[data-banner]")?.replaceChildren(...(template ? [cloneOf(template)] : []));
}

function show(state: ConnectionState): void {
  for (const place of document.querySelectorAll<HTMLElement>("[data-connection]")) {
    place.dataset["state"] = state === "signed-out" ? "offline" : state;
    const text = find("[data-connection-text]", place);
    const label = state === "live" ? place.dataset["textLive"] : state === "reconnecting" ? place.dataset["textReconnecting"] : place.dataset["textOffline"];
    if (text) text.textContent = label ?? "";
  }
}

function stateChanged(state: ConnectionState): void {
  show(state);
  clearInterval(poll);
  if (state === "live") {
    banner(null);
    if (wasLive) announce(word("connection-back"));
    wasLive = true;
    return resync();
  }
  if (state === "signed-out") return banner("t-banner-signed-out");
  if (wasLive) announce(word("connection-lost"), "assertive");
  if (state === "offline") return banner("t-banner-offline");
  startPolling();
}

function startPolling(): void {
  poll = window.setInterval(() => {
    if (document.hidden) return;
    banner("t-banner-polling");
    resync();
  }, POLL_MS);
}

export function startLive(): void {
  const url = document.body.dataset["socketUrl"];
  if (!url) return;
  const socket = new DeskSocket({ url, onEvent: receive, onState: stateChanged, sinceOf: lastSeq });
  whenPresent("[data-case]", () => socket.watchTicket(openTicket()));
  whenPresent("#case > .empty", () => socket.watchTicket(null));
  whenPresent("[data-queue]", () => socket.watchView(currentView()));
  whenPresent("[data-banner]", () => banner(shownBanner));
  whenPresent("[data-connection]", () => show(socket.state));
  window.addEventListener("offline", () => stateChanged("offline"));
  window.addEventListener("online", () => {
    stateChanged(socket.state === "live" ? "live" : "reconnecting");
    socket.wake();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    socket.wake();
    if (socket.state !== "live") resync();
  });
  window.addEventListener("pagehide", (event) => !event.persisted && socket.end("offline"));
  window.addEventListener("pharos:signed-out", () => socket.end());
  startPolling();
  setTimeout(() => socket.state !== "live" && socket.state !== "signed-out" && banner("t-banner-polling"), PATIENCE_MS);
  socket.connect();
}
