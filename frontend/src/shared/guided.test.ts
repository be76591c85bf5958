import { expect, test } from "vitest";
import { work } from "./guided";

// The same numbers as tests/unit/tickets/guided/test_contact_work.py, which counts as the server does.
test("work__eight_and_twelve_bits__is_the_first_number_that_has_them", async () => {
  expect(await work("key", 8)).toBe("1");
  expect(await work("key", 12)).toBe("7129");
});

test("work__no_key__is_none", async () => {
  expect(await work("", 8)).toBe("");
});
