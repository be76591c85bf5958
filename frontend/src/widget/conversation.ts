/** What the frame knows of the conversation: public messages by their numbers, and how far each side has read. */
import type { Answer, Marks, Message, Queue, Survey } from "./answer";

export type { Answer, Marks, Message, Part, Queue, SentFile, Survey } from "./answer";

export type SentState = "sent" | "delivered" | "read";

export class Conversation {
  chat = "";
  isOver = false;
  queue: Queue | null = null;
  agent = "";
  survey: Survey | null = null;
  choices: string[] = [];
  /** Until when no conversation is begun; "" where one may be. */
  blockedUntil = "";
  /** Whether the server has told of it at all. */
  isKnown = false;
  mine: Required<Marks> = { delivered: 0, read: 0 };
  theirs: Required<Marks> = { delivered: 0, read: 0 };
  private readonly bySeq = new Map<number, Message>();
  private readonly changeableUntil = new Map<number, number>();

  constructor(private readonly now: () => number = Date.now) {}

  /** Highest number up to which nothing is missing: where the next `since` begins. */
  get since(): number {
    let seq = 0;
    while (this.bySeq.has(seq + 1)) seq += 1;
    return seq;
  }

  get messages(): Message[] {
    return [...this.bySeq.values()].sort((a, b) => a.seq - b.seq);
  }

  get unread(): number {
    return this.messages.filter((one) => !one.is_mine && !one.is_withdrawn && one.seq > this.mine.read).length;
  }

  /** Take in an answer; late, doubled and reordered ones do no harm. Returns whether there is more to fetch. */
  apply(answer: Answer): boolean {
    if (answer.chat !== this.chat) this.begin(answer.chat);
    this.isOver = answer.is_over;
    this.queue = answer.queue;
    this.agent = answer.agent;
    this.survey = answer.survey;
    this.choices = answer.choices;
    this.blockedUntil = answer.blocked_until;
    this.isKnown = true;
    for (const message of [...answer.messages, ...answer.corrected]) this.add(answer.chat, message);
    for (const seq of answer.withdrawn) {
      const known = this.bySeq.get(seq);
      if (known) this.bySeq.set(seq, { ...known, parts: [], files: [], is_withdrawn: true });
    }
    this.mine = further(this.mine, answer.mine);
    this.theirs = further(this.theirs, answer.theirs);
    return this.since < answer.last && answer.messages.length > 0;
  }

  /** Take in one message that the server has just acknowledged. */
  add(chat: string, message: Message): void {
    if (chat !== this.chat) this.begin(chat);
    if (this.bySeq.get(message.seq)?.is_withdrawn) return;
    this.bySeq.set(message.seq, message);
    this.changeableUntil.set(message.seq, this.now() + message.correctable_s * 1000);
  }

  /** Take in another place in the queue; false when that is not all that has changed. */
  moved(position: number): boolean {
    if (!this.queue || position === 0) return false;
    this.queue = { ...this.queue, position };
    return true;
  }

  /** Whether its writer may still correct it or take it back; the server decides. */
  canChange(message: Message): boolean {
    return message.is_mine && !message.is_withdrawn && !this.isOver && (this.changeableUntil.get(message.seq) ?? 0) > this.now();
  }

  /** Nothing of it is known any more. */
  forget(): void {
    this.begin("");
  }

  stateOf(message: Message): SentState {
    if (message.seq <= this.theirs.read) return "read";
    return message.seq <= this.theirs.delivered ? "delivered" : "sent";
  }

  has(clientId: string): boolean {
    return this.messages.some((one) => one.is_mine && one.client_id === clientId);
  }

  private begin(chat: string): void {
    this.chat = chat;
    this.isOver = false;
    this.queue = null;
    this.agent = "";
    this.survey = null;
    this.choices = [];
    this.blockedUntil = "";
    this.bySeq.clear();
    this.mine = { delivered: 0, read: 0 };
    this.theirs = { delivered: 0, read: 0 };
  }
}

function further(known: Required<Marks>, told: Marks): Required<Marks> {
  return { delivered: Math.max(known.delivered, told.delivered ?? 0), read: Math.max(known.read, told.read ?? 0) };
}
