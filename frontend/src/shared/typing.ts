/** "Somebody is writing": told every few seconds at most. What did not go out does not count. */
const EVERY_MS = 2_500;

export class TypingHint {
  private toldAt = -EVERY_MS;

  constructor(
    private readonly tell: () => boolean,
    private readonly now: () => number = () => performance.now(),
  ) {}

  typed(): void {
    if (this.now() - this.toldAt >= EVERY_MS && this.tell()) this.toldAt = this.now();
  }

  /** The last hint was lost on its way. */
  lost(): void {
    this.toldAt = -EVERY_MS;
  }
}
