/** The shape of what the server tells of a conversation. */
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
  /** Whether a program said it. */
  is_bot: boolean;
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

/** What is asked about how one was helped; `rating` is 0 while nothing is said, `is_open` whether something may be. */
export interface Survey {
  id: string;
  rating: number;
  comment: string;
  is_open: boolean;
  is_skipped: boolean;
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
  survey: Survey | null;
  /** Words that a bot proposes as an answer. */
  choices: string[];
  /** Until when no conversation is begun, as a date; "" for no such time. */
  blocked_until: string;
}
