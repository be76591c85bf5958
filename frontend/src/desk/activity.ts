/** Somebody is at this desk: keyboard, pointer or touch lead to one call a minute at most. */
const EVERY_MS = 60_000;

export function keepActive(tell: () => void, now: () => number = () => performance.now(), target: EventTarget = document): void {
  let told = -EVERY_MS;
  const touched = (): void => {
    if (now() - told < EVERY_MS) return;
    told = now();
    tell();
  };
  for (const name of ["keydown", "pointerdown", "pointermove", "wheel", "touchstart"]) {
    target.addEventListener(name, touched, { passive: true, capture: true });
  }
}
