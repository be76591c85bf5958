/** The visitor's socket: hints only. It says hello, pings, comes back with growing pauses, and knows when to stop. */
import { waitMs } from "../desk/backoff";
import type { ChatEvent, ChatFrame } from "../generated/events";
import { KNOWN } from "./events";
import { Wire } from "./wire";

export interface ChatSocketOptions {
  url: string;
  hello: () => Extract<ChatFrame, { type: "hello" }>;
  onEvent: (event: ChatEvent) => void;
  onLive: (isLive: boolean) => void;
  open?: (url: string) => WebSocket;
  later?: (run: () => void, ms: number) => unknown;
  cancel?: (timer: unknown) => void;
  random?: () => number;
}

const PING_MS = 25_000;
const COMING_MS = 3_000;
const WELCOME_WITHIN_MS = 15_000;
const NOT_A_VISITOR = 4401;
const POLICY = 1008;

export class ChatSocket {
  isLive = false;
  readonly wire = new Wire((frame) => this.send(frame));
  private openedAt = 0;
  private socket: WebSocket | null = null;
  private attempt = 0;
  private timer: unknown = null;
  private isHeard = true;
  private isStopped = false;
  /** What is done if the socket that is on its way does not come. */
  private onFailure: (() => void) | null = null;

  constructor(private readonly options: ChatSocketOptions) {}

  connect(): void {
    if (this.socket || this.isStopped) return;
    this.wait(() => this.lost(this.drop(), 0), WELCOME_WITHIN_MS);
    const socket = (this.options.open ?? ((url: string) => new WebSocket(url)))(this.options.url);
    this.socket = socket;
    this.openedAt = Date.now();
    socket.onopen = () => void this.send(this.wire.noted(this.options.hello()));
    socket.onmessage = (message: MessageEvent<unknown>) => this.receive(message.data);
    socket.onclose = (event: CloseEvent) => this.lost(socket, event.code);
  }

  /** The network came back or the page is looked at again: do not wait for the timer. */
  wake(): void {
    this.attempt = 0;
    this.connect();
  }

  /** The same, and then read: over the socket as soon as it hears, by the door when it does not come. */
  whenReady(read: () => void): void {
    this.wake();
    if (this.isLive || this.isStopped) return read();
    this.onFailure = read;
  }

  /** Begin anew, as somebody else or after a refusal. */
  restart(): void {
    this.isStopped = false;
    this.drop();
    this.wake();
  }

  /** Whether one is on its way and may be here in a moment. */
  get isComing(): boolean {
    return this.socket !== null && !this.isLive && Date.now() - this.openedAt < COMING_MS;
  }

  /** Tell that the visitor is writing; false when nobody could be told. */
  typing(text?: string): boolean {
    return this.isLive && this.send({ type: "typing", ...(text === undefined ? {} : { text }) });
  }

  private receive(data: unknown): void {
    let event: { type?: unknown; id?: unknown; status?: unknown; body?: unknown } | null;
    try {
      event = JSON.parse(String(data)) as typeof event;
    } catch {
      return;
    }
    if (event?.type === "answered") return this.wire.answered(event);
    // An event of a newer server is not ours to guess at.
    if (typeof event?.type !== "string" || !Object.hasOwn(KNOWN, event.type)) return;
    this.isHeard = true;
    if (event.type === "hello.accepted") {
      this.attempt = 0;
      this.wire.welcomed();
      this.become(true);
      this.wait(() => this.ping(), PING_MS);
    }
    this.options.onEvent(event as ChatEvent);
  }

  /** A socket that answers no ping is dead, whatever the system says of it. */
  private ping(): void {
    if (!this.isHeard) return this.lost(this.drop(), 0);
    this.isHeard = false;
    this.send({ type: "ping" });
    this.wait(() => this.ping(), PING_MS);
  }

  private lost(socket: WebSocket | null, code: number): void {
    if (socket && this.socket && socket !== this.socket) return;
    this.socket = null;
    this.wait(null);
    this.become(false);
    // Not known any more, or too much: reading goes on without a socket.
    if (code === NOT_A_VISITOR || code === POLICY) this.isStopped = true;
    if (!this.isStopped) this.wait(() => this.connect(), waitMs(this.attempt++, this.options.random));
  }

  private drop(): WebSocket | null {
    const socket = this.socket;
    this.socket = null;
    this.wire.lost();
    if (socket) {
      socket.onclose = socket.onmessage = null;
      socket.close();
    }
    return null;
  }

  private send(frame: ChatFrame): boolean {
    if (this.socket?.readyState !== 1) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  private wait(run: (() => void) | null, ms = 0): void {
    const cancel = this.options.cancel ?? ((timer) => clearTimeout(timer as number));
    if (this.timer !== null) cancel(this.timer);
    const later = this.options.later ?? ((act, pause) => setTimeout(act, pause));
    this.timer = run ? later(run, ms) : null;
  }

  private become(isLive: boolean): void {
    if (!isLive) this.wire.lost();
    const failed = isLive === this.isLive && !isLive ? this.onFailure : null;
    this.onFailure = null;
    if (isLive === this.isLive) return failed?.();
    this.isLive = isLive;
    this.options.onLive(isLive);
  }
}
