/** What each event of the socket leads to: nearly always to reading again, since an event says only that something is new. */
import type { ChatEvent } from "../generated/events";
import type { Messenger } from "./messenger";

/** A record and not a set: the compiler misses no event of the server. */
export const KNOWN: Record<ChatEvent["type"], true> = {
  "message.added": true,
  "message.changed": true,
  "stage.changed": true,
  "hello.accepted": true,
  "chat.changed": true,
  "staff.saw": true,
  "staff.typed": true,
  "queue.moved": true,
  "session.revoked": true,
  pong: true,
};

export interface Reactions {
  sync: () => void;
  typing: (isTyping: boolean) => void;
  /** Up to which number everything is known. */
  since: () => number;
  /** The place among those who wait is another one. */
  moved: (position: number) => void;
}

/** What one act leads to is told in several events, which are read together. */
const TOGETHER_MS = 2;

/** What leads to the conversation; `show` when something has changed that needs no reading. */
export const reactions = (messenger: Messenger, show: () => void): Omit<Reactions, "typing"> => ({
  sync: together(() => void messenger.sync()),
  since: () => messenger.conversation.since,
  moved: (position) => (messenger.conversation.moved(position) ? show() : void messenger.sync()),
});

function together(act: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | null = null;
  return () => {
    timer ??= setTimeout(() => {
      timer = null;
      act();
    }, TOGETHER_MS);
  };
}

export function receive(event: ChatEvent, { sync, typing, since, moved }: Reactions): void {
  switch (event.type) {
    case "message.added":
      typing(false);
      // One's own words are mostly acknowledged before they are told of.
      return event.public_seq > since() ? sync() : undefined;
    case "message.changed":
    case "stage.changed":
    case "chat.changed":
    case "staff.saw":
    case "session.revoked":
      return sync();
    case "queue.moved":
      return moved(event.position);
    case "staff.typed":
      return typing(true);
    case "hello.accepted":
    case "pong":
      return;
    default:
      event satisfies never;
  }
}
