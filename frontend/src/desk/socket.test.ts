import { beforeEach, expect, test } from "vitest";
import type { DeskEvent } from "../generated/events";
import { type ConnectionState, DeskSocket } from "./socket";

/** A socket whose other end is the test. */
class Wire {
  readyState = 0;
  sent: unknown[] = [];
  onopen: (() => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  send(frame: string): void {
    this.sent.push(JSON.parse(frame));
  }
  close(): void {
    this.readyState = 3;
  }
  opened(): void {
    this.readyState = 1;
    this.onopen?.();
  }
  lost(code = 1012): void {
    this.readyState = 3;
    this.onclose?.({ code });
  }
}

let wires: Wire[];
let timers: { run: () => void; ms: number }[];
let states: ConnectionState[];
let events: DeskEvent[];
let socket: DeskSocket;

beforeEach(() => {
  wires = [];
  timers = [];
  states = [];
  events = [];
  socket = new DeskSocket({
    url: "ws://x/ws/desk/",
    onEvent: (event) => events.push(event),
    onState: (state) => states.push(state),
    sinceOf: () => 7,
    open: () => {
      const wire = new Wire();
      wires.push(wire);
      return wire as unknown as WebSocket;
    },
    later: (run, ms) => timers.push({ run, ms }),
    cancel: () => undefined,
    random: () => 1,
  });
});

const latest = (): Wire => wires.at(-1) as Wire;

test("connect__open__subscribes_to_what_is_watched", () => {
  socket.watchView("mine");
  socket.watchTicket("t1");
  socket.connect();
  latest().opened();
  expect(latest().sent).toEqual([
    { type: "subscribe", view: "mine" },
    { type: "subscribe", ticket: "t1", since: 7 },
  ]);
  expect(states).toEqual(["live"]);
});

test("lost__any_code__reconnects_with_longer_waits_and_subscribes_again", () => {
  socket.watchTicket("t1");
  socket.connect();
  latest().opened();
  latest().lost();
  expect(states).toEqual(["live", "reconnecting"]);
  timers.shift()?.run();
  latest().lost();
  expect(timers[0]?.ms).toBe(1000);
  timers.shift()?.run();
  latest().opened();
  expect(latest().sent).toEqual([{ type: "subscribe", ticket: "t1", since: 7 }]);
  expect(states.at(-1)).toBe("live");
});

test("lost__not_signed_in__gives_up", () => {
  socket.connect();
  latest().opened();
  latest().lost(4401);
  expect(states.at(-1)).toBe("signed-out");
  expect(timers).toEqual([]);
});

test("receive__session_revoked__ends_for_good", () => {
  socket.connect();
  latest().opened();
  latest().onmessage?.({ data: '{"type":"session.revoked"}' });
  expect(states.at(-1)).toBe("signed-out");
  socket.wake();
  expect(wires).toHaveLength(1);
});

test("receive__unknown_or_broken__is_ignored", () => {
  socket.connect();
  latest().opened();
  for (const data of ["{", "null", '{"type":"a.newer.event"}', "[]"]) latest().onmessage?.({ data });
  expect(events).toEqual([]);
});

test("receive__known__is_handed_on", () => {
  socket.connect();
  latest().opened();
  latest().onmessage?.({ data: '{"type":"message.added","ticket":"t1","seq":8,"public_seq":null}' });
  expect(events).toEqual([{ type: "message.added", ticket: "t1", seq: 8, public_seq: null }]);
});

test("watchTicket__another__leaves_the_first", () => {
  socket.connect();
  latest().opened();
  socket.watchTicket("t1");
  socket.watchTicket("t2");
  expect(latest().sent.slice(1)).toEqual([
    { type: "unsubscribe", ticket: "t1" },
    { type: "subscribe", ticket: "t2", since: 7 },
  ]);
});

test("wake__while_waiting__connects_at_once", () => {
  socket.connect();
  latest().lost();
  socket.wake();
  expect(wires).toHaveLength(2);
});
