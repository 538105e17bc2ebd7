import { contentOf, equal, lineOf, ok, type Surface } from './check.ts';

type Seccomp = Pick<Surface, 'auditArchitecture' | 'seccompHasFlags' | 'seccompHasAction'>;

/** __AUDIT_ARCH_LE of linux/audit.h: every machine that this program is made for but s390x has it. */
const littleEndian = 0x40000000;

/** SECCOMP_FILTER_FLAG_* and SECCOMP_RET_* of linux/seccomp.h. */
const [log, newListener, waitKillable, unknownFlag] = [2, 8, 32, 1 << 30];
const [allow, userNotification, unknownAction] = [0x7fff0000, 0x7fc00000, 0x7ffb0000];

/** Nothing is loaded by asking. */
export const seccomp: Seccomp = {
  auditArchitecture: {
    'is a machine': (native) => ok((native.auditArchitecture() & littleEndian) !== 0, 'little endian'),
  },
  seccompHasFlags: {
    'known and unknown ones': (native) => {
      equal(
        [0, log, newListener, unknownFlag].map((flags) => native.seccompHasFlags(flags)),
        [true, true, true, false],
      );
      // Only with a listener there is somebody to wait for.
      equal(
        [waitKillable, waitKillable | newListener].map((flags) => native.seccompHasFlags(flags)),
        [false, true],
      );
      equal(lineOf(contentOf(native, '/proc/self/status'), 'Seccomp_filters:'), '0');
    },
  },
  seccompHasAction: {
    'known and unknown ones': (native) => {
      const known = [allow, userNotification, unknownAction].map((action) => native.seccompHasAction(action));
      equal(known, [true, true, false]);
    },
  },
};
