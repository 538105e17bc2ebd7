import {
  type ArchitectureName,
  architecturesOf,
  bytesOf,
  architectures,
  compile,
  disassemble,
  meanSteps,
  statistics,
} from '../seccomp-bpf-compiler/index.ts';
import { OcirunError } from '../errors/error.ts';
import { nativeArchitecture } from '../lifecycle/native-architecture.ts';
import { sys } from '../sys/index.ts';
import { mark } from '../trace.ts';
import { type Context, textOption } from './context.ts';
import { architectureNamed, compiling, readProfile } from './seccomp-profile.ts';

/** A filter, and what it is for. */
interface Compiled {
  readonly program: Uint32Array;
  readonly names: readonly ArchitectureName[];
  readonly little: boolean;
  readonly warnings: readonly { readonly pointer: string; readonly message: string }[];
}

/** Lines of statistics, as comments behind the instructions. */
function statisticsText({ program, names }: Compiled): string[] {
  const { instructions, architectures: costs } = statistics(program, names);
  const widest = Math.max(...names.map((name) => name.length));
  const rows = costs.map((cost) => {
    const steps = cost.executed.map(({ steps }) => steps);
    const executed = `${meanSteps(cost).toFixed(1)} executed for a usual call, at most ${Math.max(0, ...steps)}`;
    return `${cost.name.padEnd(widest)}  ${String(cost.instructions).padStart(4)} reachable, ${executed}`;
  });
  return [`${instructions} instructions`, ...rows].map((line) => `; ${line}`);
}

/** An instruction as [code, jt, jf, k] of struct sock_filter. */
const instructionAt = (program: Uint32Array, at: number): number[] => {
  const word = program[2 * at] as number;
  return [word & 0xffff, (word >>> 16) & 0xff, word >>> 24, program[2 * at + 1] as number];
};

/** What `seccomp compile --format` knows. */
const printers: Readonly<Record<string, (compiled: Compiled) => string | Uint8Array>> = {
  text: (compiled) => [...disassemble(compiled.program, compiled.little), ...statisticsText(compiled), ''].join('\n'),
  raw: ({ program, little }) => bytesOf(program, little),
  json: ({ program, names, warnings }) => {
    const instructions = Array.from({ length: program.length / 2 }, (_, at) => instructionAt(program, at));
    return `${JSON.stringify({ program: instructions, statistics: statistics(program, names), warnings })}\n`;
  },
};

/** `seccomp compile`: the filter that the kernel gets for a profile. */
export function seccompCompile(context: Context, [word = '', ...more]: readonly string[]): number {
  if (more.length > 0)
    throw new OcirunError('E_USAGE', 'seccomp compile takes a profile and nothing else', {
      hint: '`ocirun seccomp explain` says what becomes of a system call',
    });
  const format = textOption(context, 'format') ?? 'text';
  const print = Object.hasOwn(printers, format) ? printers[format] : undefined;
  if (!print) throw new OcirunError('E_USAGE', `invalid format option: ${format}`, { hint: 'text, raw or json' });
  const own = architectureNamed(textOption(context, 'arch') ?? nativeArchitecture());
  const file = readProfile(word);
  mark('read');
  const warnings: { pointer: string; message: string }[] = [];
  const warn = (message: string, pointer: string): void => {
    warnings.push({ pointer: file.pointer(pointer), message });
    context.log.warn(`${file.location(pointer)} ${file.pointer(pointer)}: ${message}`);
  };
  const options = { native: own, warn };
  const program = compiling(file, () => compile(file.profile, options));
  mark('compile');
  const names = architecturesOf(file.profile, options);
  sys.write(1, print({ program, names, little: architectures[own].little, warnings }));
  return 0;
}
