import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Another tool's opinion of `run` and `state`: one line an operation. */
export function crossCheck(subjects, id, runs) {
  return ['run', 'state'].map((operation) => {
    const ready = operation === 'state' ? subjects.every((subject) => !subject.launch('create', id).wrong) : true;
    const line = ready ? compare(subjects, operation, id, runs) : `${operation}: create failed`;
    for (const subject of subjects) subject.remove(id);
    return line;
  });
}

function compare(subjects, operation, id, runs) {
  const results = `${subjects[0].places.state}/hyperfine.json`;
  const commands = subjects.map((subject) => [subject.program, ...subject.arguments(operation, id)].join(' '));
  const flags = ['-N', '--style', 'none', '--warmup', '2', '--runs', String(runs), '--export-json', results];
  const done = spawnSync('hyperfine', [...flags, ...commands], { encoding: 'utf8' });
  if (done.status !== 0) return `${operation}: hyperfine failed: ${done.stderr.trim()}`;
  const medians = JSON.parse(readFileSync(results, 'utf8')).results.map(({ median }) => median * 1000);
  return `${operation}: ${subjects.map((subject, at) => `${subject.name} ${medians[at].toFixed(2)}`).join('  ')}`;
}
