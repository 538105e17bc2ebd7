/** How a word looks without what people mix up: the case of its letters, and what stands between its parts. */
const plain = (word: string): string => word.toLowerCase().replace(/[-_. ]/g, '');

/**
 * How many letters have to be put in, taken out, replaced or exchanged with their neighbours to make one word of the
 * other (optimal string alignment).
 */
export function distance(from: string, to: string): number {
  let [last, previous]: [number[], number[]] = [[], Array.from({ length: to.length + 1 }, (_, at) => at)];
  for (let at = 1; at <= from.length; at += 1) {
    const row = [at];
    for (let other = 1; other <= to.length; other += 1) {
      const cost = from[at - 1] === to[other - 1] ? 0 : 1;
      const around = Math.min(cell(previous, other) + 1, cell(row, other - 1) + 1, cell(previous, other - 1) + cost);
      const swapped = at > 1 && other > 1 && from[at - 1] === to[other - 2] && from[at - 2] === to[other - 1];
      row.push(swapped ? Math.min(around, cell(last, other - 2) + 1) : around);
    }
    [last, previous] = [previous, row];
  }
  return cell(previous, to.length);
}

const cell = (row: readonly number[], at: number): number => row[at] ?? Infinity;

/** Longer words are no misspelt names. */
const longest = 64;

/** How much may tell a word apart from the one that was meant: a third, but all that is missing of a longer one. */
function limitFor(wanted: string, candidate: string, isOfTheFamily: boolean): number {
  const length = Math.max(wanted.length, candidate.length);
  if (wanted.length >= 3 && candidate.includes(wanted)) return length;
  return Math.max(1, isOfTheFamily ? Math.ceil(length / 3) : Math.floor(length / 3));
}

/** With what do all of the words begin, and go on? It says nothing of which was meant: "RLIMIT_" is no half of a word. */
function beginningOf([first = '', ...others]: readonly string[]): string {
  if (others.length === 0) return '';
  let length = first.length;
  for (const other of others) while (!other.startsWith(first.slice(0, length))) length -= 1;
  const beginning = first.slice(0, length);
  return [first, ...others].includes(beginning) ? '' : beginning;
}

/** The known word that was probably meant, if any is near. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  if (word.length > longest) return undefined;
  const beginning = beginningOf(known.map(plain));
  const skipped = plain(word).startsWith(beginning) ? beginning.length : 0;
  const wanted = plain(word).slice(skipped);
  let best: { readonly name: string; readonly distance: number } | undefined;
  for (const name of known) {
    const candidate = plain(name).slice(skipped);
    const limit = limitFor(wanted, candidate, skipped > 0);
    if (Math.abs(wanted.length - candidate.length) > limit) continue;
    const found = distance(wanted, candidate);
    const isNear = found <= limit && found < Math.max(wanted.length, candidate.length);
    if (isNear && (!best || found < best.distance)) best = { name, distance: found };
  }
  return best?.name;
}
