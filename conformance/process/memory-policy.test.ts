import { existsSync } from 'node:fs';
import { conformance } from '../lib/conformance.ts';
import type { Edit } from '../lib/config.ts';
import { refuses } from '../lib/refused.ts';
import { sinceRunc } from '../lib/version.ts';

const scope = {
  unless: sinceRunc('1.4.0') || (!existsSync('/sys/devices/system/node/node0') && 'a kernel without memory nodes'),
};
const policy = (value: unknown): Edit => {
  return (config) => void (config.linux['memoryPolicy'] = value);
};
const staticNodes = 1 << 15;
const relativeNodes = 1 << 14;
const balancing = 1 << 13;

/** What is asked for, and mode and nodes as get_mempolicy(2) tells them: one node, for more there may not be. */
const modes: readonly (readonly [string, unknown, [number, number]])[] = [
  ['MPOL_DEFAULT', { mode: 'MPOL_DEFAULT' }, [0, 0]],
  ['MPOL_PREFERRED', { mode: 'MPOL_PREFERRED', nodes: '0' }, [1, 1]],
  ['MPOL_BIND', { mode: 'MPOL_BIND', nodes: '0' }, [2, 1]],
  ['MPOL_BIND of a range', { mode: 'MPOL_BIND', nodes: '0-0' }, [2, 1]],
  ['MPOL_INTERLEAVE', { mode: 'MPOL_INTERLEAVE', nodes: '0' }, [3, 1]],
  ['MPOL_LOCAL', { mode: 'MPOL_LOCAL' }, [4, 0]],
  ['MPOL_PREFERRED_MANY', { mode: 'MPOL_PREFERRED_MANY', nodes: '0' }, [5, 1]],
  ['MPOL_WEIGHTED_INTERLEAVE', { mode: 'MPOL_WEIGHTED_INTERLEAVE', nodes: '0' }, [6, 1]],
  ['an empty list of nodes', { mode: 'MPOL_DEFAULT', nodes: '' }, [0, 0]],
  ['MPOL_F_STATIC_NODES', { mode: 'MPOL_BIND', nodes: '0', flags: ['MPOL_F_STATIC_NODES'] }, [2 | staticNodes, 1]],
  [
    'MPOL_F_RELATIVE_NODES',
    { mode: 'MPOL_INTERLEAVE', nodes: '0', flags: ['MPOL_F_RELATIVE_NODES'] },
    [3 | relativeNodes, 1],
  ],
  [
    'two flags',
    { mode: 'MPOL_BIND', nodes: '0', flags: ['MPOL_F_NUMA_BALANCING', 'MPOL_F_STATIC_NODES'] },
    [2 | balancing | staticNodes, 1],
  ],
];

for (const [name, value, expected] of modes)
  conformance(
    `memoryPolicy: ${name}`,
    (t, box) => {
      t.strictSame(box.report([policy(value)]).memoryPolicy, expected);
    },
    scope,
  );

const wrong: readonly (readonly [string, unknown, RegExp])[] = [
  ['no mode', { nodes: '0' }, /mode/],
  ['an unknown mode', { mode: 'MPOL_BOGUS', nodes: '0' }, /MPOL_BOGUS|mode must be one of/],
  [
    'an unknown flag',
    { mode: 'MPOL_BIND', nodes: '0', flags: ['MPOL_F_BOGUS'] },
    /MPOL_F_BOGUS|flags.* must be one of/,
  ],
  ['MPOL_DEFAULT with nodes', { mode: 'MPOL_DEFAULT', nodes: '0' }, /MPOL_DEFAULT|nodes/],
  ['MPOL_LOCAL with nodes', { mode: 'MPOL_LOCAL', nodes: '0' }, /MPOL_LOCAL|nodes/],
  ['MPOL_BIND without nodes', { mode: 'MPOL_BIND' }, /MPOL_BIND|node/],
  ['MPOL_INTERLEAVE without nodes', { mode: 'MPOL_INTERLEAVE', nodes: '' }, /MPOL_INTERLEAVE|node/],
  ['MPOL_PREFERRED_MANY without nodes', { mode: 'MPOL_PREFERRED_MANY' }, /MPOL_PREFERRED_MANY|node/],
  ['a list that is none', { mode: 'MPOL_BIND', nodes: '0-x' }, /0-x|node/],
  ['a range that runs backwards', { mode: 'MPOL_BIND', nodes: '2-1' }, /2-1|node/],
  ['a node that does not exist', { mode: 'MPOL_BIND', nodes: '63' }, /memory ?policy|mempolicy/i],
  ['a node beyond all bounds', { mode: 'MPOL_BIND', nodes: '99999999999' }, /99999999999|node/],
];

for (const [name, value, text] of wrong)
  conformance(`memoryPolicy: ${name} is refused`, (t, box) => refuses(t, box, [policy(value)], { says: text }), scope);

conformance('memoryPolicy: absent, there is none', (t, box) => {
  t.strictSame(box.report().memoryPolicy, [0, 0]);
});
