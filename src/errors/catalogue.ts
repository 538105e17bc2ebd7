/**
 * Every error code and its meaning. Codes are stable: scripts and engines may compare them.
 * A code is added here first; docs are made from this table.
 */
export const catalogue = {
  E_INTERNAL: 'A defect in ocirun itself.',
  E_USAGE: 'The command line is wrong.',
  E_HOST: 'The host lacks something that ocirun needs.',
  E_SYSTEM: 'The kernel refused an operation of the runtime.',
  E_CONFIG_READ: 'config.json could not be read.',
  E_CONFIG_JSON: 'config.json is not JSON.',
  E_CONFIG_SCHEMA: 'config.json does not fit the runtime-spec schema.',
  E_CONFIG_RULE: 'config.json breaks a rule that a schema cannot say.',
  E_NOT_SUPPORTED_YET: 'config.json uses a field that this version of ocirun does not support yet.',
  E_ID_INVALID: 'The container id has characters that are not allowed.',
  E_ID_IN_USE: 'A container with this id exists.',
  E_NOT_FOUND: 'There is no container with this id.',
  E_STATUS: 'The operation does not fit the status of the container.',
  E_STATE: 'The state directory of a container is damaged or cannot be used.',
  E_CGROUP: 'The cgroup of the container could not be made, entered or removed.',
  E_INIT_STEP: 'A step of the plan failed while the container was being set up.',
  E_INIT_DIED: 'The init program ended before it reported.',
  E_PROTOCOL: 'Init and runtime disagree about the order of messages.',
  E_MOUNT_SOURCE: 'The source of a bind mount could not be opened.',
  E_NAMESPACE:
    'A namespace that the container is to join could not be opened, or the id maps of its new one not written.',
  E_HOOK: 'A hook failed.',
  E_EXEC: 'The program of the container could not be executed.',
  E_SIGNAL: 'The signal is unknown or could not be sent.',
} as const;

export type Code = keyof typeof catalogue;
