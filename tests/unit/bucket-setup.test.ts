/** @file What an admin is told to run, run: by a real shell, with something else in the place of `aws`. */
import { execFile } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { setupSteps } from '../../shared/bucket-setup.ts';
import { lifecycleWarnings, planLifecycle, rulesFor } from '../../shared/lifecycle.ts';
import { classNotes } from '../../shared/storage-class.ts';
import { tempDir } from '../support/temp-dir.ts';

const choices = {
  endUnfinishedAfterDays: 7,
  transition: { kind: 'audio', storageClass: 'GLACIER_IR', afterDays: 30 },
  endOldVersionsAfterDays: 90,
} as const;

test.skipIf(process.platform === 'win32')(
  'each command reaches its program word for word, and whatever is in a word does nothing else',
  async () => {
    await using dir = await tempDir();
    const aws = join(dir.path, 'aws');
    await writeFile(
      aws,
      `#!${process.execPath}\nconsole.log(JSON.stringify(process.argv.slice(2)));\n`,
    );
    await chmod(aws, 0o755);
    const endpoint = `https://s3.school.example/it's; touch "$HOME/planted" && \`id\``;
    const place = { bucket: 'school-recordings', region: 'eu-west-3', endpoint };
    const rules = [{ ID: `o'clock $(touch planted)`, Status: 'Disabled' }, ...rulesFor(choices)];
    const told = await Promise.all(
      setupSteps(place, rules).map(async ({ command }) => {
        const env = { PATH: `${dir.path}:${process.env['PATH']}`, HOME: dir.path };
        const { stdout } = await promisify(execFile)('sh', ['-c', command], { env, cwd: dir.path });
        return JSON.parse(stdout) as string[];
      }),
    );
    expect(told.map(([service, verb]) => `${service} ${verb}`)).toEqual([
      'iam create-policy',
      'iam create-policy',
      'iam create-policy',
      's3api put-public-access-block',
      's3api put-bucket-policy',
      's3api put-bucket-versioning',
      's3api put-bucket-encryption',
      's3api put-bucket-lifecycle-configuration',
    ]);
    const [least = [], restoring = [], bringing = [], ...s3] = told;
    expect(least.at(-1)).not.toMatch(/s3:RestoreObject|s3:DeleteObjectVersion/);
    expect(bringing.at(-1)).toMatch(/s3:ListBucketVersions.*s3:DeleteObjectVersion/);
    expect(JSON.parse(restoring.at(-1) ?? '')).toMatchObject({
      Statement: [{ Action: ['s3:RestoreObject'] }],
    });
    expect(JSON.parse(least.at(-1) ?? '')).toHaveProperty('Statement');
    for (const words of s3) {
      expect(JSON.parse(words[5] ?? '')).toBeTypeOf('object');
      expect(words.slice(-3)).toEqual(['eu-west-3', '--endpoint-url', endpoint]);
    }
    expect(JSON.parse(s3.at(-1)?.[5] ?? '')).toEqual({ Rules: rules });
    await expect(promisify(execFile)('ls', [join(dir.path, 'planted')])).rejects.toThrow(/planted/);
  },
);

test('rules are for the three places only, and no choice ends what is current', () => {
  const rules = rulesFor(choices);
  expect(rules).toHaveLength(7);
  for (const rule of rules) {
    expect(JSON.stringify(rule['Filter'])).toMatch(/"(audio|documents|uploads)\/"/);
    expect(rule).not.toHaveProperty('Expiration');
  }
});

test('what others made stays as it is, of ours only what is not wanted any more goes', () => {
  const theirs = {
    ID: 'archive',
    Status: 'Enabled',
    Filter: { And: { Prefix: 'old/', Tags: [{ Key: 'a', Value: 'b' }] } },
    Expiration: { Days: 3 },
  };
  const [first, ...rest] = rulesFor({ ...choices, endOldVersionsAfterDays: null });
  const plan = planLifecycle([theirs, ...rulesFor({ ...choices, transition: null })], {
    ...choices,
    endOldVersionsAfterDays: null,
  });
  expect(plan.next).toEqual([theirs, first, ...rest]);
  expect(plan.changes.map(({ sign }) => sign).join('')).toBe('====---+');
  // Of what no words are for nothing is left out.
  expect(plan.changes[0]?.text).toBe(`archive: ${JSON.stringify(theirs)}`);
  expect(plan.changes[1]?.text).toBe('audio/: unfinished uploads end after 7 days');
  expect(plan.changes.at(-1)?.text).toBe('audio/: moves to GLACIER_IR after 30 days');
  const odd = planLifecycle([{ ID: 'x', Status: 'Disabled', Prefix: 'old/' }], choices);
  expect(odd.changes[0]?.text).toBe('old/: nothing, turned off (x)');
  const again = planLifecycle(plan.next, { ...choices, endOldVersionsAfterDays: null });
  expect([again.isSame, again.next]).toEqual([true, plan.next]);
});

test('a class is chosen with its least duration and its price of opening, old versions with their end', () => {
  const [duration, ...others] = lifecycleWarnings(choices);
  expect(duration).toContain('90 days');
  expect(others).toHaveLength(classNotes('GLACIER_IR').length);
  expect(lifecycleWarnings({ ...choices, transition: null })).toEqual([
    'What was deleted in the storage can be brought back for 90 days, and not after.',
  ]);
});
