import type { Json } from '../../cgroup/json-text.ts';

type Members = { readonly [key: string]: Json };

/** A name in a pointer (RFC 6901). */
const escapeName = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');

/** Resources as they are to be, and which parts of them come from the update: by their pointers, those in the update. */
export interface Merged {
  readonly resources: Json;
  readonly touched: ReadonlyMap<string, string>;
}

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

const isObject = (value: Json): value is Members => typeof value === 'object' && value !== null && !isList(value);

const member = (value: Json, name: string): Json => (isObject(value) ? value[name] : undefined);

const text = (item: Json, name: string): string => {
  const found = member(item, name);
  return typeof found === 'object' ? '' : `${found}`;
};

const byDevice = (item: Json): string => `${text(item, 'major')}:${text(item, 'minor')}`;

/** Lists whose items are told apart by a part of them; any other list is replaced as a whole. */
const keyed: Readonly<Record<string, (item: Json) => string>> = {
  '/hugepageLimits': (item) => text(item, 'pageSize'),
  '/blockIO/weightDevice': byDevice,
  '/blockIO/throttleReadBpsDevice': byDevice,
  '/blockIO/throttleWriteBpsDevice': byDevice,
  '/blockIO/throttleReadIOPSDevice': byDevice,
  '/blockIO/throttleWriteIOPSDevice': byDevice,
};

/** The document's value with the integers that a JavaScript number cannot hold. */
export function withExact(value: unknown, exact: ReadonlyMap<string, bigint>, pointer: string): Json {
  if (typeof value === 'number') return exact.get(pointer) ?? value;
  if (Array.isArray(value)) return value.map((item, index) => withExact(item, exact, `${pointer}/${index}`));
  if (typeof value !== 'object' || value === null) return value as Json;
  const below = ([name, item]: [string, unknown]): [string, Json] => [
    name,
    withExact(item, exact, `${pointer}/${escapeName(name)}`),
  ];
  return Object.fromEntries(Object.entries(value).map(below));
}

/** No limit of memory asks for none of memory and swap either, unless that is given, too: runc does so. */
export function withSwapOpened(update: Json): Json {
  const memory = member(update, 'memory');
  if (!isObject(update) || !isObject(memory) || memory['swap'] !== undefined || memory['limit'] !== -1) return update;
  return { ...update, memory: { ...memory, swap: -1 } };
}

/**
 * What the container had, without its limit of memory and swap together where another limit of memory comes alone: what
 * it may swap stays, as with runc and crun.
 */
export function withSwapKept(base: Json, update: Json): Json {
  const [had, memory] = [member(base, 'memory'), member(update, 'memory')];
  const isAlone = isObject(memory) && memory['limit'] !== undefined && memory['swap'] === undefined;
  if (!isAlone || !isObject(base) || !isObject(had)) return base;
  const { swap: _, ...others } = had;
  return { ...base, memory: others };
}

/** Resources without what they say of these files by their names. */
export function withoutFiles(resources: Json, files: readonly string[]): Json {
  const unified = member(resources, 'unified');
  if (!isObject(resources) || !isObject(unified)) return resources;
  const left = Object.entries(unified).filter(([file]) => !files.includes(file));
  return { ...resources, unified: Object.fromEntries(left) };
}

/** Where 0, or no list, means that nothing is asked for (src/plan/cgroup): what the container has stays. */
const notGiven: Readonly<Record<string, readonly string[]>> = {
  memory: ['limit', 'swap', 'reservation'],
  cpu: ['shares', 'quota', 'period', 'cpus', 'mems'],
  blockIO: ['weight'],
};

/** The update without what it only seems to give: engines fill in every field. */
export function withoutZeros(update: Json): Json {
  if (!isObject(update)) return update;
  const asks = (part: string, [name, value]: [string, Json]): boolean =>
    !notGiven[part]?.includes(name) || (value !== 0 && value !== 0n && value !== '');
  return Object.fromEntries(
    Object.entries(update).map(([part, value]) => [
      part,
      isObject(value) ? Object.fromEntries(Object.entries(value).filter((each) => asks(part, each))) : value,
    ]),
  );
}

/** What a container has, with what an update says in its place; what it does not speak of stays. */
export function merge(base: Json, update: Json): Merged {
  const touched = new Map<string, string>();
  return { resources: mergeValue(base, update, '', '', touched), touched };
}

function mergeValue(base: Json, update: Json, pointer: string, from: string, touched: Map<string, string>): Json {
  const key = keyed[pointer];
  if (isObject(update)) return mergeMembers(isObject(base) ? base : {}, update, pointer, from, touched);
  if (isList(update) && key) return mergeItems(isList(base) ? base : [], update, pointer, touched, key);
  touched.set(pointer, from);
  return update;
}

function mergeMembers(
  base: Members,
  update: Members,
  pointer: string,
  from: string,
  touched: Map<string, string>,
): Json {
  const merged: Record<string, Json> = { ...base };
  for (const [name, value] of Object.entries(update)) {
    const step = `/${escapeName(name)}`;
    if (value !== undefined && value !== null)
      merged[name] = mergeValue(base[name], value, pointer + step, from + step, touched);
  }
  return merged;
}

function mergeItems(
  base: readonly Json[],
  update: readonly Json[],
  pointer: string,
  touched: Map<string, string>,
  key: (item: Json) => string,
): Json {
  const merged = [...base];
  update.forEach((item, index) => {
    const same = base.findIndex((each) => key(each) === key(item));
    const at = same < 0 ? merged.length : same;
    merged[at] = item;
    touched.set(`${pointer}/${at}`, `${pointer}/${index}`);
  });
  return merged;
}
