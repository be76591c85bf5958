/** What one tab at a time does. */
/** One tab at a time, where the browser can tell; doubled sending does no harm, it only costs. */
export async function exclusively(name: string, act: () => Promise<void>): Promise<void> {
  const locks = navigator.locks as LockManager | undefined;
  await (locks ? locks.request(name, act).catch((error: unknown) => retold(error, act)) : act());
}

/** A frame without storage has no locks either; what `act` itself has thrown is passed on. */
function retold(error: unknown, act: () => Promise<void>): Promise<void> {
  if (error instanceof DOMException && error.name === "SecurityError") return act();
  throw error;
}
