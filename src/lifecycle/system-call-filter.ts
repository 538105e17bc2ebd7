import { OcirunError } from '../errors/error.ts';
import type { Log } from '../log.ts';
import { agentOf, filterFlags } from '../plan/seccomp-flags.ts';
import type { SystemCallFilter } from '../plan/seccomp.ts';
import { compile, type Options, SeccompError, withWrittenValues } from '../seccomp-bpf-compiler/index.ts';
import type { Seccomp } from '../spec/types.ts';
import { broken, type More, noEffect } from '../validate/finding.ts';
import type { Verdict } from '../validate/index.ts';
import { nativeArchitecture } from './native-architecture.ts';

const root = '/linux/seccomp';

/** Integers that a JavaScript number cannot hold, by pointer. */
type Written = ReadonlyMap<string, bigint>;

const compiled = (seccomp: Seccomp, written: Written, warn: Options['warn']): Uint32Array =>
  compile(withWrittenValues(seccomp, written, root), { native: nativeArchitecture(), warn });

/**
 * The filter that `linux.seccomp` asks for.
 * @param bundle where a relative listenerPath begins, as for runc
 * @param exact the integers of config.json that a JavaScript number cannot hold, by pointer
 */
export function systemCallFilter(seccomp: Seccomp, bundle: string, exact: Written, log: Log): SystemCallFilter {
  // Engines name every system call that there is somewhere: runc, too, tells of those that are not here in debug logs only.
  const warn = log.debugging
    ? (message: string, pointer: string): void => log.debug(message, { pointer: root + pointer })
    : undefined;
  try {
    const program = compiled(seccomp, exact, warn);
    return {
      flags: filterFlags(seccomp),
      program,
      agent: agentOf(seccomp, bundle),
    };
  } catch (error) {
    if (!(error instanceof SeccompError)) throw error;
    throw new OcirunError('E_CONFIG_RULE', error.message, { pointer: root + error.pointer });
  }
}

/** What the compiler says against a profile whose document breaks no other rule. */
export function filterVerdict(seccomp: Seccomp, exact: Written): Verdict {
  const warnings: Verdict['warnings'][number][] = [];
  try {
    compiled(seccomp, exact, (message, pointer) => warnings.push(noEffect(root + pointer, message, wantedAt(pointer))));
    return { errors: [], warnings };
  } catch (error) {
    if (!(error instanceof SeccompError)) throw error;
    return { errors: [broken(root + error.pointer, error.message, wantedAt(error.pointer))], warnings };
  }
}

/** What should stand where the compiler finds something, which fits the schema. */
function wantedAt(pointer: string): More {
  if (pointer === '') return { expected: 'fewer rules and conditions' };
  if (pointer.includes('/names/')) return { expected: 'a system call that the rule decides about' };
  return pointer.includes('/value') ? { expected: 'the digits of an integer from 0 to 2^64-1' } : {};
}
