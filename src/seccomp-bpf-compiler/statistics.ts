import { architectures } from './architectures.ts';
import { codes } from './assembler.ts';
import { usual } from './frequency.ts';
import type { ArchitectureName } from './profile.ts';
import { simulate } from './simulate.ts';
import { numberOf } from './syscalls.ts';

/** What a program costs. */
export interface Statistics {
  readonly instructions: number;
  readonly architectures: readonly ArchitectureCost[];
}

/** What it costs on one architecture. */
export interface ArchitectureCost {
  readonly name: ArchitectureName;
  /** Instructions that calls of this AUDIT_ARCH can get to; x86-64 and x32 share theirs. */
  readonly instructions: number;
  /** How many of them are executed for calls that programs make all the time, without arguments. */
  readonly executed: readonly { readonly call: string; readonly steps: number }[];
}

/** How many instructions can be executed where `seccomp_data.arch` is `audit`. */
function reachable(program: Uint32Array, audit: number): number {
  const seen = new Set<number>();
  const todo: [at: number, holdsArch: boolean][] = [[0, false]];
  for (let next = todo.pop(); next; next = todo.pop()) {
    const [at, holdsArch] = next;
    if (seen.has(at)) continue;
    seen.add(at);
    const [word, k] = [program[2 * at] as number, program[2 * at + 1] as number];
    const [code, yes, no] = [word & 0xffff, at + 1 + ((word >>> 16) & 0xff), at + 1 + (word >>> 24)];
    if (code === codes.ret) continue;
    if (code === codes.jump) todo.push([at + 1 + k, holdsArch]);
    else if (code === codes.load) todo.push([at + 1, k === 4]);
    else if ((code & 7) !== 5) todo.push([at + 1, holdsArch]);
    else if (holdsArch && code === codes.equal) todo.push([k === audit ? yes : no, true]);
    else todo.push([yes, holdsArch], [no, holdsArch]);
  }
  return seen.size;
}

/** What the program of a profile costs on each of its architectures. */
export function statistics(program: Uint32Array, names: readonly ArchitectureName[]): Statistics {
  const costs = names.map((name): ArchitectureCost => {
    const { audit, little } = architectures[name];
    const executed = usual.flatMap((call) => {
      const nr = numberOf(architectures[name], call);
      return nr < 0 ? [] : { call, steps: simulate(program, { arch: audit, nr, args: [] }, little).executed };
    });
    return { name, instructions: reachable(program, audit), executed };
  });
  return { instructions: program.length / 2, architectures: costs };
}

/** How many instructions are executed for a usual call, on average. */
export const meanSteps = ({ executed }: ArchitectureCost): number =>
  executed.reduce((sum, { steps }) => sum + steps, 0) / (executed.length || 1);
