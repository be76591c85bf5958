/** Stands for what is still being loaded: what is asked of it meanwhile is done when it is there, in the same order. */
export class Late<T> {
  here: T | null = null;
  private readonly asked: ((it: T) => void)[] = [];

  /** Do it now, or as soon as it can be done. */
  do(act: (it: T) => void): void {
    if (this.here) act(this.here);
    else this.asked.push(act);
  }

  arrived(it: T): void {
    this.here = it;
    for (const act of this.asked.splice(0)) act(it);
  }
}
