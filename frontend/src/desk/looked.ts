/** How long something has been looked at: time that passed unseen, or asleep, does not count. */

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1440;

export class Looked {
  private passed = 0;
  private last: number | null = null;

  /** Count what has passed since the last tick, if it was seen and no longer than `longest`. */
  tick(now: number, isSeen: boolean, longest: number): void {
    const since = this.last === null ? 0 : now - this.last;
    if (isSeen && since > 0 && since <= longest) this.passed += since;
    this.last = now;
  }

  get minutes(): number {
    return Math.min(Math.floor(this.passed / MINUTE_MS), DAY_MINUTES);
  }
}
