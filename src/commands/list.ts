import { OcirunError } from '../errors/error.ts';
import { At, O } from '../sys/constants.ts';
import { isSystemError, orElse, reason, readFile, sys, withFd } from '../sys/index.ts';
import { load } from '../state/store.ts';
import { stateView } from '../state/view.ts';
import { type Context, textOption } from './context.ts';

type Row = ReturnType<typeof stateView> & { readonly owner: string };

/** `list`: every container below the root directory. */
export function listCommand(context: Context): number {
  const format = textOption(context, 'format') ?? 'table';
  const print = Object.hasOwn(printers, format) ? printers[format] : undefined;
  if (!print) throw new OcirunError('E_USAGE', 'invalid format option');
  const rows = containerIds(context).flatMap((id) => rowOf(context, id));
  sys.write(1, context.options['quiet'] === true ? rows.map(({ id }) => `${id}\n`).join('') : print(rows));
  return 0;
}

const columns = ['ID', 'PID', 'STATUS', 'BUNDLE', 'CREATED', 'OWNER'];

/** Cells at least 12 wide with three spaces behind the longest one, as Go's tabwriter sets runc's table. */
function table(rows: readonly Row[]): string {
  const cells = rows.map((row) => [row.id, `${row.pid}`, row.status, row.bundle, row.created, row.owner]);
  const lines = [columns, ...cells];
  const widths = columns.map((_, column) => Math.max(9, ...lines.map((line) => (line[column] ?? '').length)) + 3);
  const padded = (line: readonly string[]): string =>
    line.map((cell, column) => (column === columns.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join('');
  return `${lines.map(padded).join('\n')}\n`;
}

const printers: Readonly<Record<string, (rows: readonly Row[]) => string>> = {
  table,
  json: (rows) => (rows.length === 0 ? 'null' : JSON.stringify(rows)),
};

/** A default root that is not there has no containers; one that the user named is a mistake. */
function containerIds({ root, rootGiven }: Context): string[] {
  try {
    return withFd(sys.open(root, O.RDONLY | O.DIRECTORY, 0), sys.listDirectory).sort();
  } catch (error) {
    if (!isSystemError(error)) throw error;
    if (error.code === 'ENOENT' && !rootGiven) return [];
    throw new OcirunError('E_STATE', `open ${root}: ${reason(error)}`, { path: root, cause: error });
  }
}

/** One damaged state directory does not hide the others. */
function rowOf({ root, log }: Context, id: string): Row[] {
  try {
    const container = load(root, id);
    const [, uid = 0] = orElse('ENOENT', [], () => sys.statat(At.FDCWD, container.directory, 0));
    return [{ ...stateView(container), owner: userName(uid) }];
  } catch (error) {
    if (!(error instanceof OcirunError)) throw error;
    // What no container can be called, a file, or a container that has been deleted meanwhile.
    if (['E_NOT_FOUND', 'E_ID_INVALID'].includes(error.code)) return [];
    log.warn(`load container ${id}: ${error.message}`);
    return [];
  }
}

/** The name in the host's /etc/passwd, or `#uid`. */
function userName(uid: number): string {
  const entries = orElse('ENOENT', '', () => readFile('/etc/passwd', 16 << 20)).split('\n');
  const entry = entries.find((line) => line.split(':')[2] === String(uid));
  return entry?.split(':')[0] ?? `#${uid}`;
}
