import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { logFiles, openLog } from '../../electron/engine/log.ts';
import { withoutSecrets } from '../../shared/redact.ts';
import { tempDir } from '../support/temp-dir.ts';

const accessKey = 'AKIACANARY1234567890';
const secret = 'cAnArY+secret/0123456789abcdefghijklmnop';
const token = 'FwoCANARYtoken//////////wEaDN+=';
const signature = 'c0ffee'.repeat(10);

describe('a line of the log', () => {
  test.each([
    `GET https://b.example/k?X-Amz-Credential=${accessKey}%2F20260101&X-Amz-Signature=${signature}&x=1`,
    `https://b.example/k?X-Amz-Security-Token=${encodeURIComponent(token)}&X-Amz-Expires=60`,
    `{"authorization":"AWS4-HMAC-SHA256 Credential=${accessKey}/x, SignedHeaders=host, Signature=${signature}"}`,
    `authorization: AWS4-HMAC-SHA256 Credential=${accessKey}/x, Signature=${signature}`,
    `AWS_ACCESS_KEY_ID=${accessKey} AWS_SECRET_ACCESS_KEY=${secret} AWS_SESSION_TOKEN=${token}`,
    `{"accessKeyId":"${accessKey}","secretAccessKey":"${secret}","sessionToken":"${token}"}`,
    `{"AWS_SECRET_ACCESS_KEY": "${secret}", "AWS_SESSION_TOKEN" : "${token}"}`,
    `{"x-amz-security-token":"${token}"}`,
    `key ${accessKey} and ASIACANARY1234567890 in running text`,
  ])('holds nothing that could sign or open something: %s', (line) => {
    expect(withoutSecrets(line)).not.toMatch(/CANARY|cAnArY|c0ffee/);
  });

  test('holds none of the secrets in use, wherever they turn up', () => {
    expect(withoutSecrets(`a ${secret} b${token}`, [secret, token])).toBe('a [removed] b[removed]');
    // What is too short to be a secret would blot out the whole log.
    expect(withoutSecrets('abcabc', ['', 'a'])).toBe('abcabc');
  });

  test('keeps what helps', () => {
    const line = '{"message":"An upload failed","path":"/r/week 1.mp3","code":"offline"}';
    expect(withoutSecrets(line, [secret])).toBe(line);
  });
});

test('the log is one line of JSON for each entry, with errors and their causes but no secrets', async () => {
  await using dir = await tempDir();
  const log = openLog(dir.path, false, [secret]);
  const cause = new Error(`refused ${secret}`);
  log('warn', 'An upload failed', { error: new Error('outer', { cause }), bytes: 7 });
  log('debug', 'Not written unless asked for');
  const text = () => readFile(join(dir.path, 'logs', 'pansea-sync.log'), 'utf8').catch(() => '');
  await expect.poll(text).toMatch(/\n$/);
  const lines = (await text()).trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    {
      at: expect.stringMatching(/^\d{4}-.*Z$/),
      level: 'warn',
      message: 'An upload failed',
      error: expect.objectContaining({
        message: 'outer',
        cause: expect.objectContaining({ message: 'refused [removed]' }),
      }),
      bytes: 7,
    },
  ]);
});

test('the log is bounded by a second file, for the user alone, and what is detailed begins and ends at once', async () => {
  await using dir = await tempDir();
  const log = openLog(dir.path, false);
  const files = logFiles.map((name) => join(dir.path, name));
  const sizes = () =>
    Promise.all(
      files.map((file) =>
        stat(file).then(
          ({ size }) => size,
          () => 0,
        ),
      ),
    );
  const long = 'words '.repeat(17_000);
  for (let i = 0; i < 40; i += 1) {
    log('info', 'filling', { i, long });
    await expect.poll(() => readFile(files[1]!, 'utf8').catch(() => '')).toContain(`"i":${i},`);
  }
  for (const size of await sizes()) {
    expect(size).toBeGreaterThan(0);
    expect(size).toBeLessThan(1_300_000);
  }
  expect((await stat(files[1]!)).mode & 0o077).toBe(0);
  log('debug', 'before');
  log.setDebug(true);
  log('debug', 'during');
  log.hide(['a secret of later']);
  log('debug', 'it is a secret of later');
  log.setDebug(false);
  log('debug', 'afterwards');
  log('info', 'the end');
  const text = async () =>
    (await Promise.all(files.map((file) => readFile(file, 'utf8')))).join('');
  await expect.poll(text).toContain('the end');
  expect(await text()).toMatch(/"during"[^]*"it is \[removed\]"/);
  expect(await text()).not.toMatch(/"before"|"afterwards"|secret of later/);
});
