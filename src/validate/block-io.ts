import type { BlockIo, Spec } from '../spec/types.ts';
import { type Refusal, broken } from './finding.ts';

const root = '/linux/resources/blockIO';

/** Weights of blkio and io.bfq.weight; 0 is "not given". */
const weights = ['weight', 'leafWeight'] as const;

const weightRefusals = (holder: Pick<BlockIo, 'weight' | 'leafWeight'>, pointer: string): Refusal[] =>
  weights.flatMap((name) => {
    const weight = holder[name] ?? 0;
    if (weight === 0 || (weight >= 10 && weight <= 1000)) return [];
    return [broken(`${pointer}/${name}`, `invalid block IO ${name}: ${weight}`, { expected: '10 to 1000' })];
  });

/** Weights of blkio of cgroup v1, which the specification means, are 10 to 1000. */
export function blockIoWeightsAreInRange({ linux }: Spec): Refusal[] {
  const blockIO = linux?.resources?.blockIO ?? {};
  return [
    ...weightRefusals(blockIO, root),
    ...(blockIO.weightDevice ?? []).flatMap((device, index) => weightRefusals(device, `${root}/weightDevice/${index}`)),
  ];
}

/** "You MUST specify at least one of `weight` or `leafWeight`" (config-linux.md "Block IO"). */
export const weightDevicesHaveAWeight = ({ linux }: Spec): Refusal[] =>
  (linux?.resources?.blockIO?.weightDevice ?? []).flatMap((device, index) => {
    if (weights.some((name) => device[name] !== undefined)) return [];
    const { major, minor } = device;
    return [
      broken(`${root}/weightDevice/${index}`, `block device ${major}:${minor} has no weight`, {
        expected: 'weight or leafWeight',
      }),
    ];
  });

const throttles = [
  'throttleReadBpsDevice',
  'throttleWriteBpsDevice',
  'throttleReadIOPSDevice',
  'throttleWriteIOPSDevice',
] as const;

/** "rate (uint64, REQUIRED)" (config-linux.md "Block IO"): the schema of the specification forgot it. */
export const throttlesHaveARate = ({ linux }: Spec): Refusal[] =>
  throttles.flatMap((name) =>
    (linux?.resources?.blockIO?.[name] ?? []).flatMap(({ major, minor, rate }, index) =>
      rate === undefined
        ? [
            broken(`${root}/${name}/${index}`, `${name}: block device ${major}:${minor} has no rate`, {
              expected: 'rate',
            }),
          ]
        : [],
    ),
  );

/** Limits of one block device name one. */
export const blockDevicesHaveNumbers = ({ linux }: Spec): Refusal[] =>
  (['weightDevice', ...throttles] as const).flatMap((name) =>
    (linux?.resources?.blockIO?.[name] ?? []).flatMap((device, index) =>
      (['major', 'minor'] as const)
        .filter((number) => device[number] < 0)
        .map((number) =>
          broken(`${root}/${name}/${index}/${number}`, `${name}: the ${number} number ${device[number]} is negative`),
        ),
    ),
  );
