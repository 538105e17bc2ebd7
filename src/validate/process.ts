import { capabilityNumbers } from '../capability-numbers.ts';
import type { Spec } from '../spec/types.ts';
import { type Refusal, type Warning, absolutely, broken, noEffect } from './finding.ts';
import { isAmong, isNumberList } from './words.ts';

/**
 * The specification lets a document without a process be created, but nobody could start it; runc refuses it at
 * once, too.
 */
export function processIsThere({ process }: Spec): Refusal[] {
  return process
    ? []
    : [broken('/process', 'process property must not be empty', { hint: 'give process.args and process.cwd' })];
}

/** There is something to execute: at least one argument (config.md "Process"). */
export function argsNameAProgram({ process }: Spec): Refusal[] {
  if (!process || (process.args && process.args.length > 0)) return [];
  return [broken('/process/args', 'args must not be empty', { expected: 'the program and its arguments' })];
}

/** "This value MUST be an absolute path" (config.md "Process"); the texts are runc's. */
export function cwdIsAbsolute({ process }: Spec): Refusal[] {
  if (!process || process.cwd.startsWith('/')) return [];
  const message = process.cwd === '' ? 'Cwd property must not be empty' : 'Cwd must be an absolute path';
  return [broken('/process/cwd', message, absolutely)];
}

/** config.md says "same semantics as IEEE Std 1003.1-2008's environ": a name, `=`, a value. */
export function environmentIsNamed({ process }: Spec): Refusal[] {
  return (process?.env ?? []).flatMap((entry, index) => {
    const at = entry.indexOf('=');
    if (at > 0) return [];
    const reason = at < 0 ? `missing '=' in "${entry}"` : `name cannot be empty in "${entry}"`;
    return [broken(`/process/env/${index}`, `invalid environment variable: ${reason}`, { expected: 'NAME=VALUE' })];
  });
}

/** The resources of getrlimit(2), without `RLIMIT_`. */
const resources =
  ' CPU FSIZE DATA STACK CORE RSS NPROC NOFILE MEMLOCK AS LOCKS SIGPENDING MSGQUEUE NICE RTPRIO RTTIME ';

/** Each resource exists and is limited once, by numbers that setrlimit(2) takes (config.md "POSIX process"). */
export function rlimitsAreSound({ process }: Spec): Refusal[] {
  const seen = new Set<string>();
  return (process?.rlimits ?? []).flatMap(({ type, soft, hard }, index) => {
    const pointer = `/process/rlimits/${index}`;
    const refusals: Refusal[] = [];
    if (!isAmong(resources, type.slice('RLIMIT_'.length)))
      refusals.push(
        broken(`${pointer}/type`, `wrong rlimit value: ${type}`, { expected: 'a resource of getrlimit(2)' }),
      );
    if (seen.has(type))
      refusals.push(broken(`${pointer}/type`, `rlimit ${type} is given twice`, { expected: 'each resource once' }));
    if (soft > hard)
      refusals.push(
        broken(`${pointer}/soft`, `rlimit ${type}: the soft limit is above the hard limit`, {
          expected: `${hard} at most`,
        }),
      );
    seen.add(type);
    return refusals;
  });
}

/** "list of CPUs", as in cpuset(7) (config.md "execCPUAffinity"). */
export const execAffinityIsAList = ({ process }: Spec): Refusal[] =>
  (['initial', 'final'] as const).flatMap((name) => {
    const list = process?.execCPUAffinity?.[name] ?? '';
    if (isNumberList(list)) return [];
    return [
      broken(`/process/execCPUAffinity/${name}`, `invalid list of CPUs "${list}"`, {
        expected: 'numbers and ranges, such as 0-3,5',
      }),
    ];
  });

/** umask(2) looks at the permissions alone. */
export function umaskHasPermissionsAlone({ process }: Spec): Warning[] {
  const umask = process?.user?.umask ?? 0;
  if (umask <= 0o777) return [];
  const message = `umask 0${umask.toString(8)} has more than permissions: what is beyond 0777 has no effect`;
  return [noEffect('/process/user/umask', message, { hint: 'JSON has no octal numbers: 022 is 18' })];
}

const capabilitySets = ['bounding', 'effective', 'inheritable', 'permitted', 'ambient'] as const;

/** "Any value which cannot be mapped to a relevant kernel interface … SHOULD NOT fail" (config.md "capabilities"). */
export function capabilitiesAreKnown({ process }: Spec): Warning[] {
  const capabilities = process?.capabilities;
  if (!capabilities) return [];
  const warnings = new Map<string, Warning>();
  for (const set of capabilitySets) {
    const names = capabilities[set] ?? [];
    for (let index = 0; index < names.length; index += 1) {
      const name = names[index] ?? '';
      if (capabilityNumbers.has(name) || warnings.has(name)) continue;
      const message = `ignoring unknown or unavailable capability ${name}`;
      warnings.set(name, noEffect(`/process/capabilities/${set}/${index}`, message));
    }
  }
  return [...warnings.values()];
}
