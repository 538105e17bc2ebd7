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

/** Medians of what init holds in a created container. */
export function containerMemory(subjects) {
  const of = (list, key) => median(list.map((entry) => entry[key]));
  return Object.fromEntries(
    subjects
      .filter(({ containers }) => containers.length)
      .map(({ name, containers }) => [
        name,
        { rss: of(containers, 'rss'), pss: of(containers, 'pss'), anonymous: of(containers, 'anonymous') },
      ]),
  );
}

export function failureLines(subjects) {
  return subjects.flatMap(({ name, failures }) =>
    failures.map(({ operation, id, problem, text }) => `${name} ${operation} ${id}: ${problem}: ${text.trim()}`),
  );
}
