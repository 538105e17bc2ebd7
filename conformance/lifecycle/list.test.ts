import { conformance } from '../lib/conformance.ts';
import { probing } from '../lib/config.ts';

/** The column widths of Go's tabwriter with a least width of 12 and a padding of 3. */
const table = (rows: readonly (readonly string[])[]): string => {
  const width = (column: number) => Math.max(12, ...rows.map((row) => (row[column] ?? '').length + 3));
  const line = (row: readonly string[]) =>
    row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(width(column)))).join('');
  return rows.map((row) => `${line(row)}\n`).join('');
};

const header = ['ID', 'PID', 'STATUS', 'BUNDLE', 'CREATED', 'OWNER'];

conformance('list of nothing is the heading', (t, box) => {
  t.equal(box.must(['list']).stdout, table([header]));
  t.equal(box.must(['list', '--quiet']).stdout, '');
});

conformance('list shows a table of all containers', (t, box) => {
  const bundle = box.bundle(probing('sleep'));
  box.must(['create', '--bundle', bundle, box.id('a')]);
  box.startReady(box.id('b'), bundle);
  const rows = ['a', 'b'].map((suffix) => {
    const state = box.state(box.id(suffix)) ?? {};
    return [...['id', 'pid', 'status', 'bundle', 'created'].map((key) => String(state[key])), 'root'];
  });
  t.equal(box.must(['list']).stdout, table([header, ...rows]));
  t.equal(box.must(['list', '--format', 'table']).stdout, table([header, ...rows]));
});

conformance('list --quiet shows the ids alone', (t, box) => {
  box.must(['create', '--bundle', box.bundle(), box.id('b')]);
  box.must(['create', '--bundle', box.bundle(), box.id('a')]);
  const ids = `${box.id('a')}\n${box.id('b')}\n`;
  t.equal(box.must(['list', '--quiet']).stdout, ids);
  t.equal(box.must(['list', '-q']).stdout, ids);
});

conformance('list --format json is an array of state documents', (t, box) => {
  box.must(['create', '--bundle', box.bundle(), box.id()]);
  const { stdout } = box.must(['list', '--format', 'json']);
  t.strictSame(JSON.parse(stdout), [{ ...box.state(), owner: 'root' }]);
  t.equal(stdout.trimEnd(), JSON.stringify(JSON.parse(stdout)), 'on one line');
  t.equal(box.must(['list', '-f', 'json']).stdout, stdout);
});

conformance('list --format json of nothing is null', (t, box) => {
  t.equal(box.must(['list', '--format', 'json']).stdout.trimEnd(), 'null');
});

conformance('list refuses an unknown format', (t, box) => {
  const result = box.call(['list', '--format', 'xml']);
  t.equal(result.status, 1);
  t.match(result.stderr, 'invalid format option');
});
