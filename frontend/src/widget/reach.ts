/** How well the server is reached: what the banner says, and how often to look without being told. */
const POLL_MS = 5_000;
const POLL_LIVE_MS = 45_000;
const PATIENCE_MS = 4_000;

export interface Reach {
  hasToken: boolean;
  isLive: boolean;
  isReached: boolean;
  isOver: boolean;
}

/** The word for the banner, "" for none. Being without a socket is told only when it lasts. */
export function bannerFor(reach: Reach, isOnline: boolean, isSettled: boolean): string {
  if (!isOnline) return "offline";
  if (!reach.isReached) return "unreached";
  if (reach.hasToken && !reach.isLive && isSettled) return "polling";
  return reach.isOver ? "over" : "";
}

export class Watch {
  private isSettled = false;
  private poll: number | undefined;
  private patience: number | undefined;

  constructor(
    private readonly reach: () => Reach,
    private readonly tell: (word: string) => void,
    private readonly look: () => unknown,
  ) {}

  /** The socket came or went: a reconnection of a moment is nobody's concern. */
  changed(): void {
    clearTimeout(this.patience);
    this.isSettled = false;
    this.show();
    this.patience = window.setTimeout(() => {
      this.isSettled = true;
      this.show();
    }, PATIENCE_MS);
    this.lookLater();
  }

  show(): void {
    this.tell(bannerFor(this.reach(), navigator.onLine, this.isSettled));
  }

  private lookLater(): void {
    clearTimeout(this.poll);
    const pause = this.reach().isLive ? POLL_LIVE_MS : POLL_MS;
    this.poll = window.setTimeout(() => {
      this.look();
      this.lookLater();
    }, pause);
  }
}

export interface Returns {
  wake: () => void;
  changedElsewhere: () => void;
  offline: () => void;
}

/** The page is looked at again, the network is back or gone, another tab has kept something. */
export function whenBack({ wake, changedElsewhere, offline }: Returns): void {
  document.addEventListener("visibilitychange", wake);
  window.addEventListener("online", wake);
  window.addEventListener("offline", offline);
  window.addEventListener("storage", changedElsewhere);
}
