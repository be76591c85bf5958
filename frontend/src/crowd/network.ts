/** A tab's network: headers that a browser would send, and everything that can go wrong on the way. */
import { type Locks, running } from "./browser";

export interface Weather {
  /** Hints: chance to come twice, to be lost, and how late each may be, which is what turns their order round. */
  twice: number;
  lost: number;
  lateMs: number;
  /** Answers: chance that one is lost after the server has done what was asked, and how late each may be. */
  answerLost: number;
  answerLateMs: number;
}

export const CALM: Weather = { twice: 0, lost: 0, lateMs: 0, answerLost: 0, answerLateMs: 0 };
const AWAY = 1006;

/** Seconds of the machine's monotonic clock, the same for every process on it. */
export const now = (): number => Number(process.hrtime.bigint()) / 1e9;

export class Network {
  isOnline = true;
  weather: Weather = CALM;
  private readonly sockets = new Set<WebSocket>();

  constructor(
    private readonly origin: string,
    private readonly address: string,
    private readonly browser: Locks,
    private readonly random: () => number,
  ) {}

  fetch = async (url: string, init: RequestInit = {}): Promise<Response> => {
    this.mustBeOnline();
    const headers = new Headers(init.headers);
    headers.set("Origin", this.origin);
    headers.set("X-Forwarded-For", this.address);
    const response = await fetch(url, { ...init, headers });
    const body = await response.arrayBuffer();
    await this.late(this.weather.answerLateMs);
    this.mustBeOnline();
    if (this.random() < this.weather.answerLost) throw new TypeError("the answer was lost");
    return new Response(response.status === 204 ? null : body, { status: response.status, headers: response.headers });
  };

  open = (url: string): WebSocket => {
    const options = { headers: { Origin: this.origin, "X-Forwarded-For": this.address } };
    const socket = new (WebSocket as unknown as new (url: string, options: object) => WebSocket)(url, options);
    if (!this.isOnline) queueMicrotask(() => this.cut(socket));
    this.sockets.add(socket);
    socket.addEventListener("close", () => this.sockets.delete(socket), { once: true });
    return new Proxy(socket, { set: (_target, name, value) => this.attach(socket, name, value), get: (_target, name) => read(socket, name) });
  };

  /** Lose everything at once, without a farewell, or have it back. */
  turn(isOnline: boolean): void {
    this.isOnline = isOnline;
    if (!isOnline) for (const socket of this.sockets) this.cut(socket);
  }

  private attach(socket: WebSocket, name: string | symbol, value: unknown): boolean {
    const heard = value as ((event: never) => void) | null;
    const hear = name === "onmessage" && heard ? (event: never) => void this.deliver(socket, heard, event) : heard;
    return Reflect.set(socket, name, hear && ((event: never) => running.run(this.browser, () => hear.call(socket, event))));
  }

  private async deliver(socket: WebSocket, hear: (event: never) => void, event: never): Promise<void> {
    const { twice, lost, lateMs } = this.weather;
    if (this.random() < lost) return;
    const times = this.random() < twice ? 2 : 1;
    for (let time = 0; time < times; time += 1) {
      await this.late(lateMs);
      if (this.isOnline && socket.onmessage) hear(event);
    }
  }

  private cut(socket: WebSocket): void {
    const { onclose } = socket;
    socket.onclose = socket.onmessage = null;
    this.sockets.delete(socket);
    socket.close();
    onclose?.call(socket, { code: AWAY } as CloseEvent);
  }

  private mustBeOnline(): void {
    if (!this.isOnline) throw new TypeError("there is no network");
  }

  private async late(mostMs: number): Promise<void> {
    if (mostMs > 0) await new Promise((done) => setTimeout(done, this.random() * mostMs));
  }
}

function read(socket: WebSocket, name: string | symbol): unknown {
  const value: unknown = Reflect.get(socket, name);
  return typeof value === "function" && (name === "send" || name === "close") ? (value as () => void).bind(socket) : value;
}
