/** Which commands a typed text means. */
export interface Command {
  label: string;
  key: string;
}

/** Those whose label holds all typed words, those that begin with them first. */
export function matching<T extends Command>(commands: readonly T[], typed: string): T[] {
  const words = typed.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const rank = (label: string): number => (words[0] && label.startsWith(words[0]) ? 0 : 1);
  return commands
    .map((command) => ({ command, label: command.label.toLocaleLowerCase() }))
    .filter(({ label }) => words.every((one) => label.includes(one)))
    .sort((a, b) => rank(a.label) - rank(b.label))
    .map(({ command }) => command);
}
