/** Names that come one by one and are handled together: a burst leads to one reading, and one reading waits for the other. */
export class Gathered {
  private readonly names = new Set<string>();
  private isBusy = false;

  constructor(
    private readonly pauseMs: number,
    private readonly atOnce: number,
    private readonly handle: (names: readonly string[]) => Promise<void>,
    private readonly later: (run: () => void, ms: number) => unknown = (run, ms) => setTimeout(run, ms),
  ) {}

  add(names: readonly string[]): void {
    for (const name of names) this.names.add(name);
    this.start();
  }

  private start(): void {
    if (this.isBusy || this.names.size === 0) return;
    this.isBusy = true;
    this.later(() => void this.run(), this.pauseMs);
  }

  private async run(): Promise<void> {
    const names = [...this.names].slice(0, this.atOnce);
    for (const name of names) this.names.delete(name);
    await this.handle(names).catch(() => undefined);
    this.isBusy = false;
    this.start();
  }
}
