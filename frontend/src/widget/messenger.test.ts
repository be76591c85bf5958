import { expect, it, vi } from "vitest";
import type { Api, Said } from "./api";
import { Messenger } from "./messenger";
import { Outbox } from "./outbox";
import { RelayedStore } from "./storage";

vi.stubGlobal("navigator", {});
vi.stubGlobal("window", globalThis);

it("says nothing more in anybody's name once it is open who sits there", async () => {
  const said: string[] = [];
  let isSettled = true;
  const outbox = new Outbox(new RelayedStore(() => undefined));
  for (const text of ["of the first", "of the first, too"]) outbox.add(text);
  const api = {
    token: "t",
    say: ({ id, text }: { id: string; text: string }): Promise<Said> => {
      said.push(text);
      // Meanwhile the page asks anew who is signed in.
      isSettled = false;
      const message = { seq: said.length, client_id: id, is_mine: true, name: "", is_bot: false, at: "", parts: [], files: [], is_withdrawn: false, is_corrected: false, correctable_s: 0 };
      return Promise.resolve({ chat: "c", message, redactions: [] });
    },
  };
  const nothing = (): void => undefined;
  const messenger = new Messenger({
    ...{ api: api as unknown as Api, outbox, start: () => Promise.resolve(), onChange: nothing, onToken: nothing, onMasked: nothing },
    onSent: (waiting) => outbox.remove(waiting.id),
    onVanished: nothing,
    isSettled: () => isSettled,
  });
  await messenger.flush();
  expect(said).toEqual(["of the first"]);

  isSettled = true;
  await messenger.flush();
  expect(said).toEqual(["of the first", "of the first, too"]);
});
