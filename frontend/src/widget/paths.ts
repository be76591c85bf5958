/** Patterns of paths, `*` for anything: as livechat/paths.py reads them. */
export function matches(pattern: string, path: string): boolean {
  const parts = bare(pattern).split("*");
  let rest = bare(path);
  if (parts.length === 1) return parts[0] === rest;
  const first = parts.shift() as string;
  const last = parts.pop() as string;
  if (!rest.startsWith(first) || rest.length < first.length + last.length || !rest.endsWith(last)) return false;
  rest = rest.slice(first.length, rest.length - last.length);
  for (const part of parts) {
    const found = rest.indexOf(part);
    if (found < 0) return false;
    rest = rest.slice(found + part.length);
  }
  return true;
}

function bare(path: string): string {
  return path.replace(/\/+$/, "") || "/";
}
