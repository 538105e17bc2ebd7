import { deviceFilter, exceptionText } from '../device-filter/rules.ts';
import type { PlanView, Row } from './runtime.ts';

const pointer = '/linux/resources/devices';

/** What the device program decides, with the rules of config.json that ask for it. */
export function deviceRows({ plan, spec }: PlanView): Row[] {
  if (!plan.deviceProgram) return [];
  const rules = spec.linux?.resources?.devices ?? [];
  const { allow, exceptions } = deviceFilter(rules);
  const [rest, each] = allow ? ['allow', 'deny'] : ['deny', 'allow'];
  const decided = `${rest} devices${exceptions.length > 0 ? ', except' : ''}`;
  return [
    {
      name: 'cgroup',
      told: [
        `have a program of ${plan.deviceProgram().length / 8} instructions ${decided}`,
        ...exceptions.map((exception) => `${each} ${exceptionText(exception)}`),
      ],
      pointer: rules.length > 0 ? pointer : '',
      pointers: exceptions.map(({ rule }) => (rule < rules.length ? `${pointer}/${rule}` : '')),
    },
  ];
}

/** The program as digits, two for each byte, for JSON. */
export const hexadecimal = (program: Uint8Array): string =>
  Array.from(program, (byte) => byte.toString(16).padStart(2, '0')).join('');
