import { expect, test } from 'vitest';
import { judge } from '../../shared/evidence.ts';

const sent = { sizeBytes: 10, uploadToken: 'ours', crc32: 77 };

test.each([
  ['token, size and checksum are ours', 10, 'ours', 77, 'verified'],
  ['a checksum of zero is a checksum', 10, 'ours', 0, 'damaged'],
  ['the storage keeps no checksum of the whole', 10, 'ours', undefined, 'read-back-needed'],
  ['the checksum is another', 10, 'ours', 78, 'damaged'],
  ['the size is another', 9, 'ours', 77, 'damaged'],
  ['the size is another and there is no checksum', 11, 'ours', undefined, 'damaged'],
  ['the token is another, though the bytes are equal', 10, 'theirs', 77, 'someone-elses'],
  ['there is no token, though the bytes are equal', 10, undefined, 77, 'someone-elses'],
  ['nothing is ours', 1, undefined, undefined, 'someone-elses'],
] as const)('%s', (_, sizeBytes, uploadToken, crc32, verdict) => {
  expect(judge(sent, { sizeBytes, uploadToken, crc32 })).toBe(verdict);
});
