import { describe, expect, it } from "vitest";
import { sentences } from "./queue";

const names = (queue: Partial<Parameters<typeof sentences>[0]>): string[] =>
  sentences({ position: 3, usual_s: 120, waited_s: 10, is_attended: true, ...queue }).map(({ name, n }) => `${name} ${n}`);

describe("what is said of the queue", () => {
  it("is the place, and the usual wait in minutes, rounded up", () => {
    expect(names({})).toEqual(["queue-place 3", "queue-minutes 2"]);
    expect(names({ usual_s: 121 })).toEqual(["queue-place 3", "queue-minutes 3"]);
    expect(names({ position: 100 })[0]).toBe("queue-many 99");
    expect(names({ position: 1, usual_s: 5, waited_s: 1 })).toEqual(["queue-next 1", "queue-minute 1"]);
  });

  it("is no number where none can be given", () => {
    expect(names({ usual_s: null })).toEqual(["queue-place 3", "queue-unknown 0"]);
    expect(names({ waited_s: 121 })).toEqual(["queue-place 3", "queue-longer 0"]);
    expect(names({ is_attended: false })).toEqual(["queue-place 3", "queue-nobody 0"]);
  });
});
