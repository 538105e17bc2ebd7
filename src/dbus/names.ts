/** The grammar of names on D-Bus ("Message Protocol", sections "Valid Object Paths" and "Valid Names"). */

const longest = 255;

const isName = (name: string, form: RegExp): boolean => name.length <= longest && form.test(name);

export const isObjectPath = (path: string): boolean => /^\/(?:[A-Za-z0-9_]+(?:\/[A-Za-z0-9_]+)*)?$/.test(path);

export const isInterface = (name: string): boolean =>
  isName(name, /^[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)+$/);

/** Errors are named as interfaces are. */
export const isErrorName = isInterface;

export const isMember = (name: string): boolean => isName(name, /^[A-Za-z_][A-Za-z0-9_]*$/);

/** A well-known name, or a unique one, which begins with a colon. */
export const isBusName = (name: string): boolean =>
  isName(name, /^(?::[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+|[A-Za-z_-][A-Za-z0-9_-]*(?:\.[A-Za-z_-][A-Za-z0-9_-]*)+)$/);
