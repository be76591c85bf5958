/** Tells the server how far we have received and, when the reader has seen it, read; once for each step. */
import type { Api } from "./api";
import type { Conversation } from "./conversation";

const NONE = { chat: "", delivered: 0, read: 0 };

export class Marks {
  private marked = NONE;

  constructor(
    private readonly api: Api,
    private readonly conversation: Conversation,
    private readonly onChange: () => void,
  ) {}

  async saw(isRead: boolean): Promise<void> {
    const { chat, since, mine } = this.conversation;
    const read = isRead ? since : mine.read;
    const known = this.marked.chat === chat ? this.marked : { delivered: mine.delivered, read: mine.read };
    if (!chat || (since <= known.delivered && read <= known.read)) return;
    this.marked = { chat, delivered: Math.max(known.delivered, since), read: Math.max(known.read, read) };
    try {
      await this.api.saw(chat, this.marked.delivered, this.marked.read);
    } catch {
      this.marked = NONE;
      return;
    }
    if (this.conversation.chat !== chat) return;
    this.conversation.mine = { delivered: this.marked.delivered, read: this.marked.read };
    this.onChange();
  }
}
