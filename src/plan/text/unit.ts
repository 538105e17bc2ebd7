import type { Value } from '../../dbus/types.ts';
import type { Property } from '../systemd/properties.ts';
import type { Row } from './runtime.ts';
import { quoted } from './words.ts';

/** A unit of systemd that a container is planned to be in. */
export interface UnitView {
  readonly name: string;
  readonly slice: string;
  /** Its properties, but the process in it, as the newest systemd gets them. */
  described(): readonly Property[];
}

/** 64 bits of ones, "no limit". */
const infinity = 0xffff_ffff_ffff_ffffn;

function valueText(value: Value): string {
  if (value === infinity) return 'infinity';
  if (value instanceof Uint8Array) return [...value].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
  if (typeof value === 'string') return quoted(value);
  if (Array.isArray(value)) return `[${(value as readonly Value[]).map(valueText).join(', ')}]`;
  return typeof value === 'object' ? '…' : String(value);
}

/** What systemd is asked for; `usual`: no path is given. */
export const unitRows = ({ name, slice, described }: UnitView, usual: boolean): Row[] => [
  {
    name: 'unit',
    told: [
      `have systemd start ${quoted(name)} in ${quoted(slice)}, with init in it; one that is there is in the way`,
      ...described().map(([property, { value }]) => `${property} = ${valueText(value)}`),
    ],
    pointer: usual ? '' : '/linux/cgroupsPath',
  },
];
