// Documents in which one property at a time is set.

/** A document that breaks no rule and has one of everything that properties are in. */
const base = () => ({
  ociVersion: '1.3.0',
  hostname: 'base',
  domainname: 'base',
  annotations: { name: 'base' },
  root: { path: 'rootfs' },
  process: {
    cwd: '/',
    args: ['/bin/sh'],
    user: { uid: 0, gid: 0 },
    rlimits: [{ type: 'RLIMIT_NOFILE', soft: 10, hard: 20 }],
    scheduler: { policy: 'SCHED_OTHER' },
    ioPriority: { class: 'IOPRIO_CLASS_BE', priority: 1 },
  },
  mounts: [{ destination: '/data', type: 'tmpfs', source: 'tmpfs' }],
  hooks: Object.fromEntries(hookKinds.map((kind) => [kind, [{ path: '/hook' }]])),
  linux: {
    namespaces: ['ipc', 'mount', 'pid', 'uts', 'network'].map((type) => ({ type })),
    devices: [{ path: '/dev/one', type: 'c', major: 10, minor: 20 }],
    resources: { devices: [{ allow: true, type: 'c', major: 10, minor: 20, access: 'r' }] },
    personality: { domain: 'LINUX' },
    memoryPolicy: { mode: 'MPOL_BIND', nodes: '0' },
  },
});

const hookKinds = ['prestart', 'createRuntime', 'createContainer', 'startContainer', 'poststart', 'poststop'];

const addNamespace = (type) => (document) => void document.linux.namespaces.push({ type });

const map = () => ({ containerID: 0, hostID: 100000, size: 65536 });

const withUserNamespace = (document) => {
  document.process.user = { uid: 10, gid: 10 };
  addNamespace('user')(document);
  document.linux.uidMappings = [map()];
  document.linux.gidMappings = [map()];
};

const withMappedMount = (document) => {
  withUserNamespace(document);
  Object.assign(document.mounts[0], { type: 'bind', source: '/source', options: ['bind'] });
  document.mounts[0].uidMappings = [map()];
  document.mounts[0].gidMappings = [map()];
};

const withDeadline = (document) => {
  document.process.scheduler = { policy: 'SCHED_DEADLINE', runtime: 10000, deadline: 20000, period: 30000 };
};

const withRealTime = (document) => {
  document.process.scheduler = { policy: 'SCHED_FIFO', priority: 1 };
};

const withCapabilities = (document) => {
  const sets = ['bounding', 'permitted', 'effective', 'inheritable'];
  document.process.capabilities = Object.fromEntries(sets.map((set) => [set, ['CAP_KILL']]));
};

const withSeccomp = (document) => {
  const args = [{ index: 0, op: 'SCMP_CMP_MASKED_EQ', value: 3, valueTwo: 3 }];
  const rule = { names: ['mkdir'], action: 'SCMP_ACT_ERRNO', errnoRet: 2, args };
  document.linux.seccomp = { defaultAction: 'SCMP_ACT_ERRNO', syscalls: [rule] };
};

const withAgent = (document) => {
  const rule = { names: ['mkdir'], action: 'SCMP_ACT_NOTIFY' };
  document.linux.seccomp = { defaultAction: 'SCMP_ACT_ALLOW', listenerPath: '/run/agent.sock', syscalls: [rule] };
};

/** What both documents need for a property to mean something: the first that fits. */
const surroundings = [
  [/^\/mounts\/\[\]\/[ug]idMappings/, withMappedMount],
  [/^\/linux\/[ug]idMappings/, withUserNamespace],
  [/^\/linux\/timeOffsets/, addNamespace('time')],
  [/^\/process\/scheduler\/(runtime|deadline|period)/, withDeadline],
  [/^\/process\/scheduler\/priority/, withRealTime],
  [/^\/process\/capabilities/, withCapabilities],
  [/^\/linux\/seccomp\/listener/, withAgent],
  [/^\/linux\/seccomp/, withSeccomp],
  [
    /^\/linux\/namespaces\/\[\]\/path/,
    (document) => (document.linux.namespaces = [{ type: 'network' }, { type: 'mount' }, { type: 'uts' }]),
  ],
];

/** Values that mean something, where any value of the type would not. */
const values = {
  ...Object.fromEntries(hookKinds.map((kind) => [`/hooks/${kind}/[]/env`, ['NAME=value']])),
  '/ociVersion': '1.2.0',
  '/root/path': 'other',
  '/process/cwd': '/work',
  '/process/env': ['NAME=value'],
  '/process/user/umask': 0o27,
  '/process/execCPUAffinity/initial': '0',
  '/process/execCPUAffinity/final': '0',
  '/process/oomScoreAdj': 100,
  '/process/capabilities/bounding': ['CAP_KILL', 'CAP_CHOWN'],
  '/process/capabilities/permitted': ['CAP_KILL', 'CAP_CHOWN'],
  '/process/capabilities/effective': ['CAP_KILL'],
  '/process/capabilities/inheritable': ['CAP_KILL'],
  '/process/capabilities/ambient': ['CAP_KILL'],
  '/process/rlimits/[]/type': 'RLIMIT_CORE',
  '/process/rlimits/[]/soft': 11,
  '/process/rlimits/[]/hard': 21,
  '/process/scheduler/policy': 'SCHED_BATCH',
  '/process/scheduler/priority': 2,
  '/process/scheduler/flags': ['SCHED_FLAG_RESET_ON_FORK'],
  '/process/scheduler/runtime': 10001,
  '/process/scheduler/deadline': 20001,
  '/process/scheduler/period': 30001,
  '/process/ioPriority/class': 'IOPRIO_CLASS_IDLE',
  '/process/ioPriority/priority': 2,
  '/mounts/[]/destination': '/elsewhere',
  '/mounts/[]/type': 'mqueue',
  '/mounts/[]/source': 'name',
  '/mounts/[]/options': ['ro'],
  '/linux/namespaces/[]/type': 'cgroup',
  '/linux/namespaces/[]/path': '/run/netns/name',
  '/linux/uidMappings/[]/containerID': 5,
  '/linux/uidMappings/[]/size': 70000,
  '/linux/gidMappings/[]/containerID': 5,
  '/linux/gidMappings/[]/size': 70000,
  '/linux/devices/[]/path': '/dev/other',
  '/linux/devices/[]/type': 'b',
  '/linux/devices/[]/major': 11,
  '/linux/devices/[]/minor': 21,
  '/linux/devices/[]/fileMode': 0o600,
  '/linux/cgroupsPath': '/elsewhere',
  '/linux/rootfsPropagation': 'shared',
  '/linux/maskedPaths': ['/hidden'],
  '/linux/readonlyPaths': ['/frozen'],
  '/linux/sysctl': { 'net.ipv4.ip_forward': '1' },
  '/linux/personality/domain': 'LINUX32',
  '/linux/personality/flags': ['ADDR_NO_RANDOMIZE'],
  '/linux/memoryPolicy/mode': 'MPOL_INTERLEAVE',
  '/linux/memoryPolicy/nodes': '0-1',
  '/linux/memoryPolicy/flags': ['MPOL_F_STATIC_NODES'],
  '/linux/netDevices/{}/name': 'eth1',
  '/linux/intelRdt/closID': 'group',
  '/linux/intelRdt/schemata': ['L3:0=f'],
  '/linux/resources/unified': { 'memory.high': '1' },
  '/linux/resources/devices/[]/allow': false,
  '/linux/resources/devices/[]/type': 'b',
  '/linux/resources/devices/[]/major': 11,
  '/linux/resources/devices/[]/minor': 21,
  '/linux/resources/devices/[]/access': 'rw',
  '/linux/resources/blockIO/weight': 10,
  '/linux/resources/blockIO/leafWeight': 10,
  '/linux/resources/blockIO/weightDevice/[]/weight': 10,
  '/linux/resources/blockIO/weightDevice/[]/leafWeight': 10,
  '/linux/resources/memory/useHierarchy': false,
  '/linux/resources/cpu/cpus': '0-1',
  '/linux/resources/cpu/mems': '0-1',
  '/linux/resources/cpu/period': 100000,
  '/linux/resources/cpu/quota': 50000,
  '/linux/resources/hugepageLimits/[]/pageSize': '2MB',
  '/linux/seccomp/defaultAction': 'SCMP_ACT_TRACE',
  '/linux/seccomp/defaultErrnoRet': 7,
  '/linux/seccomp/flags': ['SECCOMP_FILTER_FLAG_LOG'],
  '/linux/seccomp/architectures': ['SCMP_ARCH_X86'],
  '/linux/seccomp/syscalls/[]/names': ['rmdir'],
  '/linux/seccomp/syscalls/[]/action': 'SCMP_ACT_TRACE',
  '/linux/seccomp/syscalls/[]/errnoRet': 7,
  '/linux/seccomp/syscalls/[]/args/[]/index': 1,
  '/linux/seccomp/syscalls/[]/args/[]/op': 'SCMP_CMP_EQ',
  '/linux/timeOffsets/{}/secs': 10,
  '/linux/timeOffsets/{}/nanosecs': 10,
};

const limited = { major: 8, minor: 0, rate: 1 };

/** What has to stand beside a property for its object to be whole; `base` has none of these objects. */
const company = {
  '/linux/resources/hugepageLimits/[]': { pageSize: '1GB', limit: 3 },
  '/linux/resources/rdma/{}': { hcaHandles: 1 },
  '/linux/resources/network/priorities/[]': { name: 'eth0', priority: 1 },
  '/linux/resources/blockIO/weightDevice/[]': { major: 8, minor: 0, weight: 10 },
  '/linux/resources/blockIO/throttleReadBpsDevice/[]': limited,
  '/linux/resources/blockIO/throttleWriteBpsDevice/[]': limited,
  '/linux/resources/blockIO/throttleReadIOPSDevice/[]': limited,
  '/linux/resources/blockIO/throttleWriteIOPSDevice/[]': limited,
  '/linux/resources/memory': { limit: 1 },
};

/** Any value of a type that asks for something. */
function anyValue(schema) {
  if (schema.enum) return schema.enum[0];
  if (schema.type === 'array') return [schema.below ? anyValue(schema.below) : 'text'];
  if (schema.type === 'object') return { name: schema.below ? anyValue(schema.below) : 'text' };
  return { string: '/text', boolean: true, integer: Math.max(1, schema.minimum ?? 1) }[schema.type] ?? true;
}

const mapNames = { '/linux/timeOffsets': 'monotonic' };

/** Set what a pointer stands for, or take it away (`undefined`). */
function set(document, pointer, value) {
  const names = pointer.split('/').slice(1);
  const last = names.pop();
  let at = document;
  let path = '';
  for (const [index, name] of names.entries()) {
    const next = names[index + 1] ?? last;
    const key = name === '[]' ? 0 : name === '{}' ? (mapNames[path] ?? 'name') : name;
    path += `/${name}`;
    if (at[key] === undefined && value === undefined) return;
    at = at[key] ??= next === '[]' ? [] : {};
  }
  if (value === undefined) delete at[last];
  else at[last] = value;
}

/**
 * Three documents: without the property, with the value that it has in `base`, if any, and with another. What the schema
 * requires is not left out.
 */
export function documentsFor({ pointer, schema, required }) {
  const documents = { without: base(), before: base(), after: base() };
  const surround = surroundings.find(([pattern]) => pattern.test(pointer))?.[1];
  for (const document of Object.values(documents)) surround?.(document);
  if (!required) set(documents.without, pointer, undefined);
  for (const [holder, members] of Object.entries(company))
    if (pointer.startsWith(`${holder}/`))
      for (const [name, value] of Object.entries(members)) set(documents.after, `${holder}/${name}`, value);
  set(documents.after, pointer, pointer in values ? values[pointer] : anyValue(schema));
  return documents;
}
