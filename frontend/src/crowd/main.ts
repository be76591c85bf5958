/** A crowd of visitors for faults and benches: one command a line on standard input, one answer a line. */
import { Journal, type Site } from "./kept";
import { CALM, now, type Weather } from "./network";
import { Visitor } from "./visitor";

type Command =
  | { do: "open"; site: Site; count: number; tabs: number; texts: string[] }
  | { do: "say"; items: [visitor: number, tab: number, text: string][] }
  | { do: "weather"; weather: Partial<Weather> }
  | { do: "online"; is: boolean; visitors: number[] }
  | { do: "caught_up"; expected: Record<string, number>; patience_s: number; connected: boolean }
  | { do: "journal" }
  | { do: "dump" };

const visitors: Visitor[] = [];
const journal = new Journal();
const AT_ONCE = 25;
const LOOK_MS = 5;

async function open({ site, count, tabs, texts }: Extract<Command, { do: "open" }>): Promise<object> {
  const first = visitors.length;
  for (let start = 0; start < count; start += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, count - start) }, (_, index) => {
      const number = first + start + index;
      const visitor = new Visitor(site, `10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`, journal, tabs);
      visitor.tabs[0]?.write(texts[start + index] ?? "");
      return visitor;
    });
    visitors.push(...some);
    await until(() => some.every((one) => one.isSettled), 120);
  }
  return { chats: visitors.map((one) => one.chat), live: visitors.filter((one) => one.isSettled).length };
}

/** Until each tab has all messages of its chat; when each did, by chat, the slower tab counting. */
async function caughtUp({ expected, patience_s, connected }: Extract<Command, { do: "caught_up" }>): Promise<object> {
  const at: Record<string, number> = {};
  const look = (): boolean => {
    for (const visitor of visitors) {
      const wanted = expected[visitor.chat];
      if (wanted === undefined || at[visitor.chat] !== undefined) continue;
      const has = visitor.tabs.every((tab) => tab.has(visitor.chat, wanted) && (tab.isLive || !connected));
      if (has) at[visitor.chat] = now();
    }
    return Object.keys(at).length >= Object.keys(expected).length;
  };
  return { all: await until(look, patience_s), at };
}

function dump(): object {
  return {
    tabs: visitors.flatMap((visitor) =>
      visitor.tabs.map((tab) => ({
        chat: tab.messenger.conversation.chat,
        is_live: tab.isLive,
        unsent: tab.unsent,
        messages: tab.messenger.conversation.messages.map((one) => [one.seq, one.parts.map((part) => part.text).join("")]),
      })),
    ),
  };
}

async function act(command: Command): Promise<object> {
  switch (command.do) {
    case "open":
      return open(command);
    case "say":
      for (const [visitor, tab, text] of command.items) visitors[visitor]?.tabs[tab]?.write(text);
      return {};
    case "weather":
      for (const tab of visitors.flatMap((one) => one.tabs)) tab.network.weather = { ...CALM, ...command.weather };
      return {};
    case "online":
      for (const tab of command.visitors.flatMap((one) => visitors[one]?.tabs ?? [])) {
        tab.network.turn(command.is);
        if (command.is) tab.wake();
      }
      return {};
    case "caught_up":
      return caughtUp(command);
    case "journal":
      return {
        written: Object.fromEntries(journal.written),
        acknowledged: Object.fromEntries(journal.acknowledged),
        arrived: Object.fromEntries(journal.arrived),
      };
    case "dump":
      return dump();
  }
}

async function until(condition: () => boolean, patienceS: number): Promise<boolean> {
  const giveUp = now() + patienceS;
  while (!condition()) {
    if (now() > giveUp) return false;
    await new Promise((done) => setTimeout(done, LOOK_MS));
  }
  return true;
}

async function main(): Promise<never> {
  const decoder = new TextDecoder();
  let held = "";
  for await (const chunk of process.stdin) {
    held += decoder.decode(chunk, { stream: true });
    for (let end = held.indexOf("\n"); end >= 0; end = held.indexOf("\n")) {
      const line = held.slice(0, end);
      held = held.slice(end + 1);
      process.stdout.write(`${JSON.stringify(await act(JSON.parse(line) as Command))}\n`);
    }
  }
  process.exit(0);
}

void main();
