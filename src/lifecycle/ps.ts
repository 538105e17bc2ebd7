import { OcirunError } from '../errors/error.ts';
import { statusOf } from '../state/status.ts';
import { load } from '../state/store.ts';
import { ChildEnd } from '../sys/constants.ts';
import { attempt, orElse, part, sys } from '../sys/index.ts';
import { cgroupProcesses } from '../cgroup/cgroupfs.ts';
import { patiently } from '../waiting.ts';
import { rowsOf } from './ps-table.ts';

/** What ps(1) may write. */
const outputLimit = 16 << 20;

/** Where programs are looked for without PATH (execvp(3)). */
const usualPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The processes of a container; one that has stopped has some only where they were not in a pid namespace of its own. */
export function processes(root: string, id: string): number[] {
  const container = load(root, id);
  const { cgroup } = container.record;
  if (!cgroup || (statusOf(container) === 'stopped' && part('resources').isDeserted(container))) return [];
  const { directory } = cgroup;
  const doing = `list the processes of cgroup ${directory}`;
  return attempt('E_CGROUP', doing, () => cgroupProcesses(directory), { path: directory });
}

/** What ps(1) says of them when it is asked with these arguments: its heading and a row for each. */
export const processTable = (pids: readonly number[], args: readonly string[]): Uint8Array[] =>
  rowsOf(outputOf(begin(['ps', ...args]), args), new Set(pids));

/** Start the first `ps` on PATH; a relative directory there is none that a program of ours comes from. */
function begin(args: string[]): number {
  const environment = attempt('E_SYSTEM', 'pass the environment on to ps', sys.environ);
  const path = orElse('EILSEQ', undefined, () => sys.getenv('PATH')) ?? usualPath;
  for (const directory of path.split(':').filter((name) => name.startsWith('/'))) {
    const program = `${directory}/ps`;
    const start = (): number => sys.startProgram(program, args, environment, '', '', outputLimit);
    const pidfd = attempt('E_SYSTEM', `execute ${program}`, () => orElse('ENOENT ENOTDIR EACCES', -1, start), {
      path: program,
    });
    if (pidfd >= 0) return pidfd;
  }
  throw new OcirunError('E_SYSTEM', 'exec: "ps": executable file not found in $PATH', {
    hint: 'install it (Debian: procps), or ask for --format json, which does without',
  });
}

function outputOf(pidfd: number, args: readonly string[]): Uint8Array {
  const called = ['ps', ...args].join(' ');
  const look = (milliseconds: number): ReturnType<typeof sys.awaitProgram> | undefined => {
    const end = sys.awaitProgram(pidfd, milliseconds);
    return end.length === 0 ? undefined : end;
  };
  const ended = patiently(look, -1, () => new OcirunError('E_TIMEOUT', `${called} to end`)) ?? [];
  const [code = 0, status = 0, output = new Uint8Array(0), errors = output] = ended;
  if (output.length >= outputLimit) throw new OcirunError('E_SYSTEM', `${called} has written more than 16 MiB`);
  if (code === ChildEnd.EXITED && status === 0) return output;
  const { endOf, shown } = part('failure');
  const said = errors.length > 0 ? errors : output;
  const end = said.indexOf(10);
  throw new OcirunError(
    'E_SYSTEM',
    `${called}: ${endOf(code, status)}: ${shown(said.subarray(0, end < 0 ? said.length : end))}`,
    {
      hint: 'what comes behind the id are arguments of ps(1)',
    },
  );
}
