/** The design's section 8, times as a share of a peer's median. */
export const timeBudgets = [
  { operation: 'run', peer: 'crun', share: 0.8 },
  { operation: 'run', peer: 'runc', share: 0.25 },
  { operation: 'run-engine', peer: 'crun', share: 0.8 },
  { operation: 'run-docker', peer: 'crun', share: 0.8 },
  { operation: 'run-seccomp', peer: 'crun', share: 0.8 },
  { operation: 'create', peer: 'crun', share: 0.8 },
  { operation: 'state', peer: 'crun', share: 0.8 },
  { operation: 'start', peer: 'crun', share: 0.8 },
  { operation: 'kill', peer: 'crun', share: 0.8 },
  { operation: 'delete', peer: 'crun', share: 0.9 },
];

/** Peak memory of the runtime process is to be no more than crun's, in each of these. */
export const memoryOperations = ['version', 'run', 'create', 'state', 'start', 'kill', 'delete'];

/** What 100 masked and 100 read-only paths may add to `run`, in ms. */
export const pathsLimit = 2;

export const binaryLimit = 3_000_000;

const verdict = (ok) => (ok ? 'ok    ' : 'MISSED');

/** One line a budget; a budget whose row is void or not measured says so. */
export function judge(summary, container, binary) {
  const lines = timeBudgets.map(({ operation, peer, share }) => {
    const [mine, theirs] = [summary.ocirun?.[operation], summary[peer]?.[operation]];
    return compare(`${operation} time ≤ ${share} × ${peer}`, mine, theirs, 'median', share);
  });
  lines.push(comparePaths(summary.ocirun));
  for (const operation of memoryOperations) {
    const [mine, theirs] = [summary.ocirun?.[operation], summary.crun?.[operation]];
    lines.push(compare(`${operation} peak memory ≤ crun`, mine, theirs, 'memory', 1));
  }
  lines.push(compareContainer(container));
  lines.push(
    binary
      ? `${verdict(binary.size <= binaryLimit && binary.linkage === 'static')} bin/ocirun ≤ 3 MB, static: ${binary.size} bytes, ${binary.linkage}`
      : '-      bin/ocirun: not measured',
  );
  return lines;
}

function compare(what, mine, theirs, figure, share) {
  if (!mine || !theirs) return `-      ${what}: not measured`;
  if (mine.void || theirs.void) return `void   ${what}`;
  const ratio = mine[figure] / theirs[figure];
  return `${verdict(ratio <= share)} ${what}: ${ratio.toFixed(2)}`;
}

function comparePaths(mine) {
  const what = `100 masked and 100 read-only paths add < ${pathsLimit} ms to run`;
  if (!mine?.run || !mine['run-paths']) return `-      ${what}: not measured`;
  if (mine.run.void || mine['run-paths'].void) return `void   ${what}`;
  const more = mine['run-paths'].median - mine.run.median;
  return `${verdict(more < pathsLimit)} ${what}: ${more.toFixed(2)}`;
}

function compareContainer({ ocirun, crun }) {
  const figure = ocirun?.charged !== undefined && crun?.charged !== undefined ? 'charged' : 'pss';
  const measure = figure === 'charged' ? 'memory.current' : 'PSS of init';
  return compare(`memory of a created container (${measure}) ≤ crun`, ocirun, crun, figure, 1);
}
