/** What each event of the socket leads to: nearly always to reading again, since an event says only that something is new. */
import type { ChatEvent } from "../generated/events";

export interface Reactions {
  sync: () => void;
  typing: (isTyping: boolean) => void;
}

export function receive(event: ChatEvent, { sync, typing }: Reactions): void {
  switch (event.type) {
    case "message.added":
      typing(false);
      return sync();
    case "message.changed":
    case "stage.changed":
    case "chat.changed":
    case "staff.saw":
    case "queue.moved":
    case "session.revoked":
      return sync();
    case "staff.typed":
      return typing(true);
    case "hello.accepted":
    case "pong":
      return;
    default:
      event satisfies never;
  }
}
