import { beforeEach, expect, test } from "vitest";
import { Problem } from "../shared/http";
import { type DraftState, DraftText, PAUSE_MS } from "./draft";

let timers: { run: () => void; ms: number }[];
let stored: [string, number][];
let states: DraftState[];
let answer: () => Promise<number>;

beforeEach(() => {
  timers = [];
  stored = [];
  states = [];
  answer = async () => stored.length;
});

const draft = (text = "", version = 0): DraftText =>
  new DraftText({
    text,
    version,
    store: (now, at) => {
      stored.push([now, at]);
      return answer();
    },
    onState: (state) => states.push(state),
    later: (run, ms) => timers.push({ run, ms }),
    cancel: () => timers.splice(0),
  });

test("change__pause__stores_with_the_version_known", async () => {
  const one = draft("", 4);
  one.change("Hel");
  one.change("Hello");
  expect(timers.map(({ ms }) => ms)).toEqual([PAUSE_MS]);
  await one.save();
  expect(stored).toEqual([["Hello", 4]]);
  expect(states).toEqual(["saving", "saved"]);
  one.change("Hello you");
  await one.save();
  expect(stored.at(-1)).toEqual(["Hello you", 1]);
});

test("save__nothing_new__asks_nothing", async () => {
  const one = draft("as it was", 2);
  one.change("as it was");
  await one.save();
  expect(stored).toEqual([]);
});

test("save__newer_text_elsewhere__stops_and_never_overwrites", async () => {
  answer = () => Promise.reject(new Problem(409));
  const one = draft();
  one.change("mine");
  await one.save();
  one.change("mine again");
  await one.save();
  expect(stored).toHaveLength(1);
  expect(states.at(-1)).toBe("elsewhere");
});

test("save__silence__tries_again_later", async () => {
  answer = () => Promise.reject(new Problem(0));
  const one = draft();
  one.change("text");
  await one.save();
  expect(states.at(-1)).toBe("failed");
  expect(timers.at(-1)?.ms).toBeGreaterThan(PAUSE_MS);
  answer = async () => 9;
  await one.save();
  expect(states.at(-1)).toBe("saved");
});

test("save__refused__is_not_repeated", async () => {
  answer = () => Promise.reject(new Problem(403));
  const one = draft();
  one.change("text");
  timers = [];
  await one.save();
  expect(timers).toEqual([]);
});

test("end__sent__nothing_is_stored_after", async () => {
  const one = draft();
  one.change("sent already");
  one.end();
  await one.save(true);
  expect(stored).toEqual([]);
});
