/** @file Until when a deleted recording is kept: never more is promised than the rules of the bucket leave. */
import { expect, test } from 'vitest';
import { rulesFor, type LifecycleRule } from '../../shared/lifecycle.ts';
import { keptDays } from '../../shared/old-versions.ts';

const object = { key: 'audio/bio-101/x.mp3', sizeBytes: 1_000 };
const rule = (days: number, more: object = {}): LifecycleRule => ({
  Status: 'Enabled',
  Filter: { Prefix: '' },
  NoncurrentVersionExpiration: { NoncurrentDays: days },
  ...more,
});

test('the shortest rule that is about the object counts, and our own are among them', () => {
  const ours = rulesFor({
    endUnfinishedAfterDays: 7,
    transition: null,
    endOldVersionsAfterDays: 90,
  });
  expect(keptDays(ours, object)).toBe(90);
  expect(keptDays([...ours, rule(30)], object)).toBe(30);
  expect(keptDays([...ours, rule(30)], { ...object, key: 'other/x' })).toBe(30);
  expect(keptDays(ours, { ...object, key: 'other/x' })).toBe(null);
});

test.each([
  ['turned off', rule(1, { Status: 'Disabled' })],
  ['of another place', rule(1, { Filter: { Prefix: 'audio/chem-1/' } })],
  ['of another place, the old way', rule(1, { Filter: undefined, Prefix: 'documents/' })],
  ['of another place and a tag', rule(1, { Filter: { And: { Prefix: 'documents/', Tags: [] } } })],
  ['of larger ones', rule(1, { Filter: { ObjectSizeGreaterThan: 1_000 } })],
  ['of smaller ones', rule(1, { Filter: { And: { ObjectSizeLessThan: 1_000, Tags: [] } } })],
  ['of what is not deleted', rule(1, { NoncurrentVersionExpiration: undefined })],
])('a rule that is %s ends nothing', (_, none) => {
  expect(keptDays([none], object)).toBe(null);
});

test.each([
  ['of all of the bucket', rule(1)],
  ['of its class', rule(1, { Filter: { Prefix: 'audio/bio-101/' } })],
  ['without a filter', rule(1, { Filter: undefined })],
  ['of its place, the old way', rule(1, { Filter: undefined, Prefix: 'audio/' })],
  ['of its size', rule(1, { Filter: { And: { ObjectSizeGreaterThan: 999, Tags: [] } } })],
  ['of a tag that it may have', rule(1, { Filter: { Tag: { Key: 'a', Value: 'b' } } })],
  [
    'that leaves some versions',
    rule(1, { NoncurrentVersionExpiration: { NoncurrentDays: 1, NewerNoncurrentVersions: 3 } }),
  ],
])('a rule %s may end it', (_, one) => {
  expect(keptDays([one], object)).toBe(1);
});
