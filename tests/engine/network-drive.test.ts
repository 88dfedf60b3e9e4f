import { describe, expect, test } from 'vitest';
import { networkFileSystem, tellsChanges } from '../../electron/engine/files/local-disk.ts';

describe('a home on a network drive', () => {
  const mounts = [
    '21 1 8:1 / / rw - ext4 /dev/sda1 rw',
    '36 21 0:40 / /home rw,relatime shared:1 - nfs4 server:/home rw,vers=4.2',
    '37 36 0:41 / /home/anna/local\\040disk rw - ext4 /dev/sdb1 rw',
    '38 21 0:42 / /mnt/nas rw - cifs //nas/rec rw',
    '39 21 0:43 / /mnt/stick rw - fuseblk /dev/sdc1 rw',
    '40 21 0:44 / /mnt/far rw - fuse.sshfs anna@far: rw',
  ].join('\n');
  test.each([
    ['/var/lib/x', undefined],
    ['/home/anna/.config', 'nfs4'],
    ['/home/anna/local disk/home', undefined],
    ['/homework', undefined],
    ['/mnt/nas', 'cifs'],
    ['/mnt/stick/home', undefined],
    ['/mnt/far/home', 'fuse.sshfs'],
    ['\\\\nas\\share\\home', 'a network share'],
    ['\\\\?\\C:\\home', undefined],
    ['C:\\Users\\anna', undefined],
  ])('%s: %s', (path, expected) => {
    expect(networkFileSystem(path, mounts)).toBe(expected);
    expect(tellsChanges(path, mounts)).toBe(expected === undefined);
  });
});
