import type { BlockIo } from '../../spec/types.ts';
import type { Control, Source } from './control.ts';

/** A weight of blkio (10 to 1000), which BFQ has too, as one of io.weight (1 to 10000). */
export const ioWeight = (weight: number): number => 1 + Math.floor(((weight - 10) * 9999) / 990);

/** Throttles by their name in io.max (cgroup-v2.rst, "IO Interface Files"). */
const throttles = {
  throttleReadBpsDevice: 'rbps',
  throttleWriteBpsDevice: 'wbps',
  throttleReadIOPSDevice: 'riops',
  throttleWriteIOPSDevice: 'wiops',
} as const satisfies Partial<Record<keyof BlockIo, string>>;

/** "io.max" and the weights (config-linux.md "Block IO"); 0 is no weight, and no limit, as in cgroup v1. */
export function blockIoControls(source: Source): Control[] {
  const { blockIO } = source.resources;
  return blockIO ? [...weightControls(source, blockIO), ...throttleControls(source, blockIO)] : [];
}

function weightControls(source: Source, { weight = 0, weightDevice = [] }: BlockIo): Control[] {
  const bfq = { controller: 'io', file: 'io.bfq.weight' };
  const instead = { file: 'io.weight', value: `${ioWeight(weight)}` };
  const pointer = source.pointer('blockIO', 'weight');
  const lacking = 'this kernel has no weights of block devices: neither BFQ nor io.cost';
  return [
    ...(weight === 0 ? [] : [{ ...bfq, pointer, value: `${weight}`, instead, lacking }]),
    // io.weight has them only for devices that root has set up for io.cost: runc leaves them to BFQ, too.
    ...weightDevice.flatMap(({ major, minor, weight = 0 }, index) =>
      weight === 0
        ? []
        : [
            {
              ...bfq,
              pointer: source.pointer('blockIO', 'weightDevice', index),
              value: `${major}:${minor} ${weight}`,
              optional: true,
            },
          ],
    ),
  ];
}

const throttleControls = (source: Source, blockIO: BlockIo): Control[] =>
  (Object.keys(throttles) as (keyof typeof throttles)[]).flatMap((name) =>
    (blockIO[name] ?? []).map(({ major, minor, rate = 0 }, index) => {
      const exact = source.integer(rate, 'blockIO', name, index, 'rate');
      return {
        pointer: source.pointer('blockIO', name, index),
        controller: 'io',
        file: 'io.max',
        value: `${major}:${minor} ${throttles[name]}=${exact === 0n ? 'max' : exact}`,
      };
    }),
  );
