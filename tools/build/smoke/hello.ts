import { native } from '../../../src/sys/native.ts';

native.write(1, `hello ${native.argv().slice(1).join(' ')}\n`);
native.exit(0);
