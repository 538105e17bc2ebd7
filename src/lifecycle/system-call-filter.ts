import { OcirunError } from '../errors/error.ts';
import type { Log } from '../log.ts';
import { asksSomebody, filterFlags } from '../plan/seccomp-flags.ts';
import type { SeccompAgent, SystemCallFilter } from '../plan/seccomp.ts';
import { compile, type Condition, type Options, type Profile, SeccompError } from '../seccomp-bpf-compiler/index.ts';
import type { Seccomp, SyscallArg } from '../spec/types.ts';
import { broken, noEffect } from '../validate/finding.ts';
import type { Verdict } from '../validate/index.ts';
import { nativeArchitecture } from './native-architecture.ts';

const root = '/linux/seccomp';

const compiled = (profile: Profile, warn: Options['warn']): Uint32Array =>
  compile(profile, { native: nativeArchitecture(), warn });

/**
 * The filter that `linux.seccomp` asks for.
 * @param bundle where a relative listenerPath begins, as for runc
 * @param exact the integers of config.json that a JavaScript number cannot hold, by pointer
 */
export function systemCallFilter(
  seccomp: Seccomp,
  bundle: string,
  exact: ReadonlyMap<string, bigint>,
  log: Log,
): SystemCallFilter {
  // Engines name every system call that there is somewhere: runc, too, tells of those that are not here in debug logs only.
  const warn = log.debugging
    ? (message: string, pointer: string): void => log.debug(message, { pointer: root + pointer })
    : undefined;
  try {
    const program = compiled(exactly(seccomp, exact), warn);
    return {
      flags: filterFlags(seccomp),
      program,
      agent: asksSomebody(seccomp) ? agentOf(seccomp, bundle) : undefined,
    };
  } catch (error) {
    if (!(error instanceof SeccompError)) throw error;
    throw new OcirunError('E_CONFIG_RULE', error.message, { pointer: root + error.pointer });
  }
}

/** NOTIFY without listenerPath is refused. */
const agentOf = ({ listenerPath = '', listenerMetadata }: Seccomp, bundle: string): SeccompAgent => ({
  path: /^[/@]/.test(listenerPath) ? listenerPath : `${bundle}/${listenerPath}`,
  metadata: listenerMetadata,
});

/** What the compiler says against a profile whose document breaks no other rule. */
export function filterVerdict(seccomp: Seccomp): Verdict {
  const warnings: Verdict['warnings'][number][] = [];
  try {
    compiled(exactly(seccomp, none), (message, pointer) => warnings.push(noEffect(root + pointer, message)));
    return { errors: [], warnings };
  } catch (error) {
    if (!(error instanceof SeccompError)) throw error;
    return { errors: [broken(root + error.pointer, error.message)], warnings };
  }
}

const none: ReadonlyMap<string, bigint> = new Map();

/** The profile with the values that are written there, and not what a number makes of them. */
function exactly(seccomp: Seccomp, exact: ReadonlyMap<string, bigint>): Profile {
  const { syscalls } = seccomp;
  if (!syscalls?.some(({ args }) => args?.some(isRounded))) return seccomp;
  return {
    ...seccomp,
    syscalls: syscalls.map((rule, at) => {
      const pointer = `${root}/syscalls/${at}/args`;
      return { ...rule, args: rule.args?.map((arg, which) => exactArgument(arg, `${pointer}/${which}`, exact)) };
    }),
  };
}

const isRounded = ({ value, valueTwo = 0 }: SyscallArg): boolean =>
  !Number.isSafeInteger(value) || !Number.isSafeInteger(valueTwo);

const greatest = 2n ** 64n - 1n;

function exactArgument(arg: SyscallArg, pointer: string, exact: ReadonlyMap<string, bigint>): Condition {
  const valueOf = (name: 'value' | 'valueTwo'): number | bigint => {
    const value = arg[name] ?? 0;
    if (Number.isSafeInteger(value)) return value;
    const rounded = BigInt(value);
    return exact.get(`${pointer}/${name}`) ?? (rounded > greatest ? greatest : rounded);
  };
  return { ...arg, value: valueOf('value'), valueTwo: valueOf('valueTwo') };
}
