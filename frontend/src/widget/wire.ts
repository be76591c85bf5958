/** Calls that the socket answers: quicker than a door, and never the only way. */
import type { ChatFrame } from "../generated/events";

type Call = Extract<ChatFrame, { type: "read" | "say" }>;
/** A call as it is asked for; the wire numbers it. */
export type Asked = Call extends infer One ? (One extends Call ? Omit<One, "id"> : never) : never;

export interface WireOptions {
  later?: (run: () => void, ms: number) => unknown;
  cancel?: (timer: unknown) => void;
  now?: () => number;
}

const ANSWER_WITHIN_MS = 6_000;
/** After a call that was not answered here, the doors are asked for so long. */
const REST_MS = 2_000;
const OK = new Set([200, 201]);

export class Wire {
  /** Under which token the socket has said hello, and was welcomed; "" while it was not. */
  private said = "";
  private token = "";
  private number = 0;
  private restsUntil = 0;
  private readonly open = new Map<number, (body: unknown) => void>();

  constructor(
    private readonly send: (frame: ChatFrame) => boolean,
    private readonly options: WireOptions = {},
  ) {}

  /** Note whose socket it will be. */
  noted(hello: Extract<ChatFrame, { type: "hello" }>): ChatFrame {
    this.said = hello.token;
    return hello;
  }

  welcomed(): void {
    this.token = this.said;
  }

  /** Ask in the name of `token`; null where the door has to be asked. */
  ask<Body>(call: Asked, token: string): Promise<Body | null> {
    const now = this.options.now ?? Date.now;
    // A socket may outlive the network by a while: what is written then waits like all that is unsent.
    const isOffline = (globalThis.navigator as Navigator | undefined)?.onLine === false;
    if (!token || token !== this.token || isOffline || now() < this.restsUntil) return Promise.resolve(null);
    const id = (this.number += 1);
    return new Promise((done) => {
      const later = this.options.later ?? ((run, ms) => setTimeout(run, ms));
      const cancel = this.options.cancel ?? ((timer) => clearTimeout(timer as number));
      const timer = later(() => this.settle(id, null), ANSWER_WITHIN_MS);
      this.open.set(id, (body) => {
        cancel(timer);
        if (body === null) this.restsUntil = now() + REST_MS;
        done(body as Body | null);
      });
      if (!this.send({ ...call, id } as Call)) this.settle(id, null);
    });
  }

  /** Take in an answer; one that nobody waits for any more does no harm. */
  answered(event: { id?: unknown; status?: unknown; body?: unknown }): void {
    if (typeof event.id === "number") this.settle(event.id, OK.has(Number(event.status)) ? (event.body ?? null) : null);
  }

  /** The socket is gone: whoever waits asks the door. */
  lost(): void {
    this.token = "";
    for (const id of [...this.open.keys()]) this.settle(id, null);
    this.restsUntil = 0;
  }

  private settle(id: number, body: unknown): void {
    const done = this.open.get(id);
    this.open.delete(id);
    done?.(body);
  }
}
