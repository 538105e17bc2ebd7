import { operations } from './operations.mjs';

export const sorted = (numbers) => [...numbers].sort((a, b) => a - b);

export function median(numbers) {
  const list = sorted(numbers);
  const half = list.length >> 1;
  return list.length % 2 ? list[half] : (list[half - 1] + list[half]) / 2;
}

const percentile = (numbers, share) => sorted(numbers)[Math.ceil(numbers.length * share) - 1];

/** Per runtime and operation: times in ms, peak memory in kB. One failure makes a row void. */
export function summarize(subjects) {
  const row = (subject, operation) => {
    const samples = subject.samples[operation];
    if (!samples.length || subject.failures.some((failure) => failure.operation === operation)) return { void: true };
    const times = samples.map(([ns]) => ns / 1e6);
    return {
      median: median(times),
      p99: percentile(times, 0.99),
      minimum: Math.min(...times),
      memory: median(samples.map(([, kb]) => kb)),
      memoryMaximum: Math.max(...samples.map(([, kb]) => kb)),
      count: samples.length,
    };
  };
  const rows = (subject) => Object.fromEntries(operations.map((operation) => [operation, row(subject, operation)]));
  return Object.fromEntries(subjects.map((subject) => [subject.name, rows(subject)]));
}

const cell = (value, width, digits = 2) => (value === undefined ? '-' : value.toFixed(digits)).padStart(width);

function against(summary, name, operation, peer) {
  const theirs = summary[peer]?.[operation];
  return name === peer || !theirs || theirs.void ? undefined : summary[name][operation].median / theirs.median;
}

export function table(summary) {
  const lines = ['operation  runtime   median     p99     min  x crun  x runc   peak kB (max)'];
  for (const operation of operations) {
    for (const name of Object.keys(summary)) {
      const row = summary[name][operation];
      const begin = `${operation.padEnd(11)}${name.padEnd(8)}`;
      if (row.void) {
        lines.push(`${begin}    void`);
        continue;
      }
      const times = cell(row.median, 8) + cell(row.p99, 8) + cell(row.minimum, 8);
      const ratios = ['crun', 'runc'].map((peer) => cell(against(summary, name, operation, peer), 8)).join('');
      lines.push(`${begin}${times}${ratios}${cell(row.memory, 10, 0)} (${row.memoryMaximum})`);
    }
  }
  return lines;
}

/** Medians of what a created container holds; void where one could not be looked at. */
export function containerMemory(subjects) {
  const of = (list, key) =>
    list.some((entry) => entry[key] === undefined) ? undefined : median(list.map((e) => e[key]));
  const keys = ['rss', 'pss', 'anonymous', 'charged'];
  const row = ({ containers, failures }) =>
    failures.some(({ operation }) => operation === 'create') || !containers.length
      ? { void: true }
      : Object.fromEntries(keys.map((key) => [key, of(containers, key)]));
  return Object.fromEntries(subjects.map((subject) => [subject.name, row(subject)]));
}

/** The lines about created containers. */
export function containerTable(container) {
  const counted = Object.values(container).some(({ charged }) => charged !== undefined);
  const note = counted ? 'charged: memory.current' : 'this cgroup2 has no memory controller, so no memory.current';
  const figures = ({ rss, pss, anonymous, charged }) =>
    `RSS ${rss}  PSS ${pss}  anonymous ${anonymous}${charged === undefined ? '' : `  charged ${charged}`}`;
  return [
    `created container, kB of its init from smaps_rollup; ${note}`,
    ...Object.entries(container).map(([name, row]) => `  ${name.padEnd(7)} ${row.void ? 'void' : figures(row)}`),
  ];
}

export function failureLines(subjects) {
  return subjects.flatMap(({ name, failures }) =>
    failures.map(({ operation, id, problem, text }) => `${name} ${operation} ${id}: ${problem}: ${text.trim()}`),
  );
}
