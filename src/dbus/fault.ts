import { OcirunError } from '../errors/error.ts';

/** What breaks the rules of D-Bus, or a connection that does not work. */
export const fault = (text: string, details: OcirunError['details'] = {}): OcirunError =>
  new OcirunError('E_DBUS', text, details);
