import { describe, expect, it } from "vitest";
import { ChatSocket } from "./socket";

class FakeSocket {
  static made: FakeSocket[] = [];
  readyState = 1;
  sent: string[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;

  constructor() {
    FakeSocket.made.push(this);
  }

  send(text: string): void {
    this.sent.push(text);
  }

  close(): void {
    this.onclose?.({ code: 1000 });
  }
}

function scene(): { socket: ChatSocket; last: () => FakeSocket; run: () => void; heard: string[]; live: boolean[] } {
  FakeSocket.made = [];
  const heard: string[] = [];
  const live: boolean[] = [];
  let waiting: (() => void) | null = null;
  const socket = new ChatSocket({
    url: "ws://x",
    hello: () => ({ type: "hello", inbox: "i", origin: "o", token: "t" }),
    onEvent: (event) => heard.push(event.type),
    onLive: (is) => live.push(is),
    open: () => new FakeSocket() as unknown as WebSocket,
    later: (run) => (waiting = run),
    cancel: () => (waiting = null),
    random: () => 0,
  });
  return { socket, last: () => FakeSocket.made.at(-1) as FakeSocket, run: () => waiting?.(), heard, live };
}

describe("the visitor's socket", () => {
  it("says hello, and is live when that is accepted", () => {
    const { socket, last, heard, live } = scene();
    socket.connect();
    last().onopen?.();
    expect(last().sent).toEqual(['{"type":"hello","inbox":"i","origin":"o","token":"t"}']);
    last().onmessage?.({ data: '{"type":"hello.accepted"}' });
    last().onmessage?.({ data: '{"type":"something.new"}' });
    last().onmessage?.({ data: "not json" });
    expect(heard).toEqual(["hello.accepted"]);
    expect(live).toEqual([true]);
  });

  it("comes back after a loss, and gives a socket up that answers no ping", () => {
    const { socket, last, run, live } = scene();
    socket.connect();
    last().onmessage?.({ data: '{"type":"hello.accepted"}' });
    run();
    expect(last().sent).toEqual(['{"type":"ping"}']);
    run();
    expect(live).toEqual([true, false]);
    run();
    expect(FakeSocket.made).toHaveLength(2);
  });

  it("gives a socket up that opens and is never welcomed", () => {
    const { socket, last, run, live } = scene();
    socket.connect();
    const first = last();
    run();
    run();
    expect(FakeSocket.made).toHaveLength(2);
    first.onclose?.({ code: 1006 });
    last().onmessage?.({ data: '{"type":"hello.accepted"}' });
    expect(live).toEqual([true]);
  });

  it.each([4401, 1008])("stays away after %d, until it is begun anew", (code) => {
    const { socket, last, run } = scene();
    socket.connect();
    last().onclose?.({ code });
    run();
    socket.wake();
    expect(FakeSocket.made).toHaveLength(1);
    socket.restart();
    expect(FakeSocket.made).toHaveLength(2);
  });

  it("is waited for by a page that is back, which asks the door only when it does not come", () => {
    const { socket, last } = scene();
    let read = 0;
    const look = () => (read += 1);
    socket.whenReady(look);
    expect([read, socket.isComing]).toEqual([0, true]);
    last().onclose?.({ code: 1006 });
    expect([read, socket.isComing]).toEqual([1, false]);
    socket.whenReady(look);
    last().onmessage?.({ data: '{"type":"hello.accepted"}' });
    last().onclose?.({ code: 1006 });
    expect(read).toBe(1);
  });
});
