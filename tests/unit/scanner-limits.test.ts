import { expect, test } from 'vitest';
import { notScanned } from '../../shared/virus-scan.ts';

test.each(['clamdscan', '/usr/bin/clamscan', 'C:\\Program Files\\ClamAV\\clamdscan.exe'])(
  'what %s does not look at is said where it is set',
  (program) => {
    expect(notScanned([program, '--fdpass'])).toMatch(/MaxFileSize.*2 GB.*AlertExceedsMax/);
  },
);

test.each(['/opt/school/scan', '/usr/bin/clamdscan-wrapper', 'clamdtop'])(
  'nothing is claimed of %s',
  (program) => {
    expect(notScanned([program])).toBeUndefined();
  },
);
