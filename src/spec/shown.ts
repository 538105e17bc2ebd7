import type { JsonNode } from './scan.ts';

/** More of a value is not shown. */
const longest = 80;

/** A value of a JSON text on one short line, in the digits and escapes of the text. */
export function shown(text: string, { start, end }: JsonNode): string {
  // Enough of it, and no regular expression over a text of megabytes.
  const source = text.slice(start, Math.min(end, start + 4 * longest));
  const line = source.replace(/("(?:[^"\\]|\\.)*"?)|\s+/g, (_, string?: string) => string ?? ' ');
  if (line.length <= longest && end - start <= 4 * longest) return line;
  // Half of a surrogate pair is no text.
  return `${line.slice(0, longest).replace(/[\ud800-\udbff]$/, '')}…`;
}
