import t from 'tap';
import { capabilityNumbers } from './capability-numbers.ts';

t.test('names have the numbers of linux/capability.h', async (t) => {
  t.equal(capabilityNumbers.get('CAP_CHOWN'), 0);
  t.equal(capabilityNumbers.get('CAP_SYS_ADMIN'), 21);
  t.equal(capabilityNumbers.get('CAP_MAC_OVERRIDE'), 32);
  t.equal(capabilityNumbers.get('CAP_CHECKPOINT_RESTORE'), 40);
  t.equal(capabilityNumbers.get('SYS_ADMIN'), undefined);
  t.equal(capabilityNumbers.get('CAP_'), undefined);
});
