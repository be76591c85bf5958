/** The one socket of the desk: connects, reconnects, remembers subscriptions. Knows nothing of the page. */
import type { DeskEvent, DeskFrame } from "../generated/events";
import { waitMs } from "./backoff";

export type ConnectionState = "live" | "reconnecting" | "offline" | "signed-out";

export interface SocketOptions {
  url: string;
  onEvent: (event: DeskEvent) => void;
  onState: (state: ConnectionState) => void;
  /** Highest seq shown of a ticket, asked at each (re)subscription. */
  sinceOf: (ticket: string) => number;
  open?: (url: string) => WebSocket;
  later?: (run: () => void, ms: number) => unknown;
  cancel?: (timer: unknown) => void;
  random?: () => number;
}

const NOT_SIGNED_IN = new Set([4401, 4403]);
/** A record and not a set: the compiler misses no event of the server. */
const KNOWN: Record<DeskEvent["type"], true> = {
  "message.added": true,
  "message.changed": true,
  "ticket.changed": true,
  "rows.changed": true,
  "customer.typed": true,
  "customer.saw": true,
  "chat.offered": true,
  "chat.offer_ended": true,
  "console.changed": true,
  "session.revoked": true,
  "subscription.refused": true,
  pong: true,
};

export class DeskSocket {
  private socket: WebSocket | null = null;
  private attempt = 0;
  private timer: unknown = null;
  private ended = false;
  private ticket: string | null = null;
  private view: string | null = null;
  state: ConnectionState = "reconnecting";

  constructor(private readonly options: SocketOptions) {}

  connect(): void {
    if (this.ended || this.socket) return;
    this.clear();
    const open = this.options.open ?? ((url: string) => new WebSocket(url));
    const socket = open(this.options.url);
    this.socket = socket;
    socket.onopen = () => {
      this.attempt = 0;
      this.subscribe();
      this.become("live");
    };
    socket.onmessage = (message: MessageEvent<unknown>) => this.receive(message.data);
    socket.onclose = (event: CloseEvent) => this.lost(event.code);
  }

  watchTicket(ticket: string | null): void {
    if (ticket === this.ticket) return;
    if (this.ticket) this.send({ type: "unsubscribe", ticket: this.ticket });
    this.ticket = ticket;
    if (ticket) this.send({ type: "subscribe", ticket, since: this.options.sinceOf(ticket) });
  }

  watchView(view: string | null): void {
    if (view === this.view) return;
    if (this.view) this.send({ type: "unsubscribe", view: this.view });
    this.view = view;
    if (view) this.send({ type: "subscribe", view });
  }

  /** The network came back or the page is looked at again: do not wait for the timer. */
  wake(): void {
    if (this.ended || this.socket) return;
    this.attempt = 0;
    this.connect();
  }

  end(state: ConnectionState = "signed-out"): void {
    this.ended = true;
    this.clear();
    this.socket?.close();
    this.socket = null;
    this.become(state);
  }

  private subscribe(): void {
    if (this.view) this.send({ type: "subscribe", view: this.view });
    if (this.ticket) this.send({ type: "subscribe", ticket: this.ticket, since: this.options.sinceOf(this.ticket) });
  }

  private receive(data: unknown): void {
    let event: unknown;
    try {
      event = JSON.parse(String(data));
    } catch {
      return;
    }
    const type = (event as { type?: unknown } | null)?.type;
    // An event of a newer server is not ours to guess at.
    if (typeof type !== "string" || !Object.hasOwn(KNOWN, type)) return;
    if (type === "session.revoked") this.end();
    this.options.onEvent(event as DeskEvent);
  }

  private lost(code: number): void {
    this.socket = null;
    this.clear();
    if (this.ended) return;
    if (NOT_SIGNED_IN.has(code)) return this.end();
    this.become(typeof navigator !== "undefined" && navigator.onLine === false ? "offline" : "reconnecting");
    const later = this.options.later ?? ((run, ms) => setTimeout(run, ms));
    this.timer = later(() => this.connect(), waitMs(this.attempt++, this.options.random));
  }

  private send(frame: DeskFrame): void {
    if (this.socket?.readyState === 1) this.socket.send(JSON.stringify(frame));
  }

  private clear(): void {
    const cancel = this.options.cancel ?? ((timer) => clearTimeout(timer as number));
    if (this.timer) cancel(this.timer);
    this.timer = null;
  }

  private become(state: ConnectionState): void {
    if (state === this.state) return;
    this.state = state;
    this.options.onState(state);
  }
}
