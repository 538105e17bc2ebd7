import type { Property } from './properties.ts';

const property = (name: string, signature: string, value: Property[1]['value']): Property => [
  name,
  { signature, value },
];

/** Where a unit is. */
export interface PlacedUnit {
  readonly name: string;
  readonly slice: string;
}

/** A slice has no processes of its own for systemd: it takes none, and delegates nothing. */
export const isSlice = ({ name }: Pick<PlacedUnit, 'name'>): boolean => name.endsWith('.slice');

/** What every container's unit has (those of runc, with another description). */
export function unitProperties(unit: PlacedUnit, description: string): Property[] {
  const slice = isSlice(unit)
    ? [property('Wants', 'as', [unit.slice])]
    : [property('Slice', 's', unit.slice), property('Delegate', 'b', true)];
  return [
    property('Description', 's', description),
    ...slice,
    ...['Memory', 'CPU', 'IO', 'Tasks'].map((what) => property(`${what}Accounting`, 'b', true)),
    property('DefaultDependencies', 'b', false),
    // One that has failed would stay there until somebody forgets it (systemctl reset-failed).
    property('CollectMode', 's', 'inactive-or-failed'),
  ];
}

/** The first process of the unit. */
export const processProperties = (unit: PlacedUnit, pid: number): Property[] =>
  isSlice(unit) ? [] : [property('PIDs', 'au', [pid])];
