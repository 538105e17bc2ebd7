import { conformance } from '../lib/conformance.ts';
import { mounting, userNamespace, type Config, type Edit } from '../lib/config.ts';
import { refuses } from '../lib/refused.ts';
import { flavour } from '../lib/runtime.ts';

interface Conflict {
  readonly title: string;
  readonly edit: Edit;
  readonly pointer: string;
  /** What ocirun says. */
  readonly says: RegExp;
  /** Where runc accepts it. */
  readonly only?: 'ocirun';
}

const without = (type: string, c: Config): void => {
  c.linux.namespaces = c.linux.namespaces.filter((n) => n.type !== type);
};

/** Nothing is mounted, hidden or named: what is asked for needs no namespace of its own. */
const bare = (c: Config): void => {
  delete c.linux.maskedPaths;
  delete c.linux.readonlyPaths;
  delete c.hostname;
  c.root.readonly = false;
  c.mounts = [];
};

const maps = (...ranges: [number, number, number][]) =>
  ranges.map(([containerID, hostID, size]) => ({ containerID, hostID, size }));

const inUser = (uids: ReturnType<typeof maps>, gids = maps([0, 100000, 65536])): Edit => userNamespace(uids, gids);

const tmpfs = { destination: '/tmp', type: 'tmpfs', source: 'tmpfs' };

const conflicts: readonly Conflict[] = [
  {
    title: 'a config without root',
    edit: (c) => void delete (c as Partial<Config>).root,
    pointer: '/root',
    says: /root/i,
  },
  {
    title: 'mounts without a mount namespace',
    edit: (c) => {
      without('mount', c);
      bare(c);
      c.mounts = [tmpfs];
    },
    pointer: '/mounts',
    says: /MNT namespace/,
    only: 'ocirun', // runc would mount on the machine.
  },
  {
    title: 'devices without a mount namespace',
    edit: (c) => {
      without('mount', c);
      bare(c);
      c.linux['devices'] = [{ type: 'c', path: '/dev/mine', major: 1, minor: 3 }];
    },
    pointer: '/linux/devices',
    says: /MNT namespace/,
    only: 'ocirun',
  },
  {
    title: 'a mount without a destination',
    edit: mounting({ ...tmpfs, destination: '' }),
    pointer: '/mounts/7/destination',
    says: /destination/i,
    only: 'ocirun',
  },
  {
    title: 'a mount without a type, that is no bind mount',
    edit: mounting({ destination: '/tmp', source: 'tmpfs' }),
    pointer: '/mounts/7/type',
    says: /type|no such device/i,
  },
  {
    title: 'a mount whose source holds a NUL',
    edit: mounting({ ...tmpfs, source: 'a\0b' }),
    pointer: '/mounts/7/source',
    says: /NUL|null byte|invalid argument/i,
  },
  {
    title: 'a mount option that holds a NUL',
    edit: mounting({ ...tmpfs, options: ['size=4k\0'] }),
    pointer: '/mounts/7/options/0',
    says: /NUL|null byte|invalid argument/i,
  },
  {
    title: 'a masked path that holds a NUL',
    edit: (c) => void (c.linux.maskedPaths = ['/tmp\0/x']),
    pointer: '/linux/maskedPaths/0',
    says: /NUL|null byte|invalid argument/i,
  },
  {
    title: 'a masked path that is relative',
    edit: (c) => void (c.linux.maskedPaths = ['tmp']),
    pointer: '/linux/maskedPaths/0',
    says: /absolute/i,
    only: 'ocirun',
  },
  {
    title: 'a read-only path that is relative',
    edit: (c) => void (c.linux.readonlyPaths = ['tmp']),
    pointer: '/linux/readonlyPaths/0',
    says: /absolute/i,
    only: 'ocirun',
  },
  {
    title: 'ids that are mapped twice',
    edit: inUser(maps([0, 100000, 10], [5, 200000, 10])),
    pointer: '/linux/uidMappings/1/containerID',
    says: /map|invalid argument/i,
  },
  {
    title: 'a range of no ids',
    edit: inUser(maps([0, 100000, 0])),
    pointer: '/linux/uidMappings',
    says: /map|size|invalid argument/i,
  },
  {
    title: 'maps without root',
    edit: inUser(maps([1, 100001, 10])),
    pointer: '/linux/uidMappings',
    says: /map|uid 0|invalid argument/i,
  },
  {
    title: 'user ids without group ids',
    edit: inUser(maps([0, 100000, 10]), []),
    pointer: '/linux/namespaces',
    says: /gid.*map/i,
  },
  {
    title: 'a device type that is a number',
    edit: (c) => void (c.linux['devices'] = [{ type: 5, path: '/dev/mine', major: 1, minor: 3 }]),
    pointer: '/linux/devices/0/type',
    says: /type|string/i,
  },
  {
    title: 'a device number that is negative',
    edit: (c) => void (c.linux['devices'] = [{ type: 'c', path: '/dev/mine', major: -1, minor: 3 }]),
    pointer: '/linux/devices/0/major',
    says: /major/i,
    only: 'ocirun',
  },
  {
    title: 'two devices that contradict each other',
    edit: (c) => {
      const device = (minor: number) => ({ type: 'c', path: '/dev/mine', major: 1, minor });
      c.linux['devices'] = [device(3), device(5)];
    },
    pointer: '/linux/devices/1/path',
    says: /\/dev\/mine/i,
    only: 'ocirun',
  },
];

for (const { title, edit, pointer, says, only } of conflicts)
  conformance(
    `${title}: refused`,
    (t, box) => refuses(t, box, [edit], { says: flavour === 'runc' ? /./ : says, pointer }),
    only ? { only } : {},
  );
