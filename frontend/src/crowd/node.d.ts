/** What the crowd uses of Node; the rest of the front end runs in browsers. */
declare const process: {
  hrtime: { bigint: () => bigint };
  stdin: AsyncIterable<Uint8Array>;
  stdout: { write: (text: string) => boolean };
  exit: (code: number) => never;
};
declare module "node:async_hooks" {
  export class AsyncLocalStorage<T> {
    run: <R>(store: T, act: () => R) => R;
    getStore: () => T | undefined;
  }
}
