import { expect, test } from 'vitest';
import { openCli } from '../support/cli.ts';
import { countingServer } from '../support/engine.ts';

test('bucket shows the difference, applies only what was seen, and is done then', async () => {
  await using s3 = await countingServer();
  await using cli = await openCli(s3);
  const seen = (await cli.run('bucket', '--json')).json();
  expect(seen).toMatchObject({ isSame: false, cors: null, warnings: [] });
  expect(seen.policy.Statement[0].Resource).toBe(`arn:aws:s3:::${s3.bucket}`);
  expect(seen.bucketPolicy.Statement[0].Effect).toBe('Deny');
  expect(seen.lifecycle.Rules).toHaveLength(3);
  expect(s3.requests.every(({ operation }) => !operation?.startsWith('Put'))).toBe(true);

  const { stdout } = await cli.run('bucket');
  expect(stdout).toContain('+ audio/: unfinished uploads end after 7 days');
  expect(stdout).toContain(`--apply ${seen.apply}`);
  expect(stdout).toMatch(/^aws s3api put-bucket-lifecycle-configuration --bucket /m);

  const other = ['--move-to', 'STANDARD_IA', '--after', '30'];
  const refused = await cli.run('bucket', ...other, '--apply', seen.apply, '--json');
  expect([refused.code, refused.json().error.code]).toEqual([2, 'rules-changed']);
  expect((await cli.run('bucket', ...other)).stdout).toContain('Paid for at least 30 days');

  const applied = await cli.run('bucket', '--apply', seen.apply, '--json');
  expect([applied.code, applied.json()]).toEqual([0, { applied: true, rules: 3 }]);
  expect((await cli.run('bucket', '--json')).json()).toMatchObject({ isSame: true });
  expect((await cli.run('doctor', '--json')).json().facts.abortsUnfinished.value).toBe(
    'after 7 days',
  );
});

test('rules that may not be read are no empty list: what is recommended is printed, and why it is not compared', async () => {
  await using s3 = await countingServer({ denied: ['GetBucketLifecycleConfiguration'] });
  await using cli = await openCli(s3);
  const { code, stdout } = await cli.run('bucket', '--json');
  expect(code).toBe(0);
  const view = JSON.parse(stdout);
  expect(view.trouble.code).toBe('rules-denied');
  expect(view).not.toHaveProperty('changes');
  // A command that would take the place of rules that nobody has seen is not handed out.
  expect(view.steps.map(({ command }: { command: string }) => command).join()).not.toContain(
    'lifecycle',
  );
  expect((await cli.run('bucket')).stdout).toContain('s3:GetLifecycleConfiguration');
  const half = await cli.run('bucket', '--move-to', 'GLACIER', '--json');
  expect([half.code, half.json().error.code]).toEqual([2, 'usage']);
});
