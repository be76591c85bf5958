/** What the frame knows of the conversation: public messages by their numbers, and how far each side has read. */
export interface Part {
  text: string;
  redaction: string;
}

/** A file of a message; `preview` is an address for a minute of a picture drawn anew, "" for what is none. */
export interface SentFile {
  id: string;
  name: string;
  size: number;
  preview: string;
  is_blocked: boolean;
}

export interface Message {
  seq: number;
  client_id: string;
  is_mine: boolean;
  name: string;
  at: string;
  parts: Part[];
  files: SentFile[];
  is_withdrawn: boolean;
  is_corrected: boolean;
  /** For how many seconds from when it was told its writer may change it. */
  correctable_s: number;
}

export interface Marks {
  delivered?: number;
  read?: number;
}

/** Where one stands among those who wait; `usual_s` is null when too few have waited lately. */
export interface Queue {
  position: number;
  usual_s: number | null;
  waited_s: number;
  is_attended: boolean;
}

/** An answer of the door `messages`. */
export interface Answer {
  chat: string;
  is_over: boolean;
  last: number;
  messages: Message[];
  /** What its writer has corrected, though the widget has had it before. */
  corrected: Message[];
  withdrawn: number[];
  mine: Marks;
  theirs: Marks;
  queue: Queue | null;
  /** First name of who answers; "" while nobody does. */
  agent: string;
}

export type SentState = "sent" | "delivered" | "read";

export class Conversation {
  chat = "";
  isOver = false;
  queue: Queue | null = null;
  agent = "";
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
    this.bySeq.clear();
    this.mine = { delivered: 0, read: 0 };
    this.theirs = { delivered: 0, read: 0 };
  }
}

function further(known: Required<Marks>, told: Marks): Required<Marks> {
  return { delivered: Math.max(known.delivered, told.delivered ?? 0), read: Math.max(known.read, told.read ?? 0) };
}
