import { strToU8, zipSync } from 'fflate';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { settingStore } from '../../electron/engine/store/settings.ts';
import { lockHome } from '../../electron/engine/home/home.ts';
import { canaryKeys, canaryLogin, canarySession } from '../support/canary.ts';
import { mustSayNoKey, tracesIn } from '../support/canary-traces.ts';

const { accessKeyId, secretAccessKey } = canaryKeys;
const { sessionToken } = canarySession(1);

/** Not `tempDir`, which would fail this test for what it is about. */
async function leakyDir() {
  const path = await mkdtemp(join(inject('runDir'), 'leaky-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

test.each([
  ['a line of a log', `{"message":"signed with ${secretAccessKey}"}\n`],
  ['the id of a key', `Credential=${accessKeyId}/20261127`],
  ['a session’s token', `token ${sessionToken}`],
  ['a single sign-on', canaryLogin],
  ['UTF-16, as a browser stores text', Buffer.from(`a${secretAccessKey}b`, 'utf16le')],
  ['Base64', Buffer.from(`{"secretAccessKey":"${secretAccessKey}"}`).toString('base64')],
  ['Base64, shifted', Buffer.from(`x${secretAccessKey}`).toString('base64')],
])('a key that was written down is found: %s', async (_, text) => {
  await using dir = await leakyDir();
  await mkdir(join(dir.path, 'logs'));
  await writeFile(join(dir.path, 'logs', 'any.log'), text);
  await writeFile(join(dir.path, 'innocent.log'), 'AKIAIOSFODNN7EXAMPLE');
  expect(await tracesIn(dir.path)).toEqual([join('logs', 'any.log')]);
});

test('also in a zip file and in a ledger, and not where people keep keys themselves', async () => {
  await using dir = await leakyDir();
  await writeFile(
    join(dir.path, 'report.zip'),
    zipSync({ 'log.jsonl': strToU8(secretAccessKey.repeat(9)) }),
  );
  const home = lockHome({ path: join(dir.path, 'home') });
  settingStore(home.database).set('connection', { secretAccessKey });
  home.close();
  await mkdir(join(dir.path, '.aws'));
  for (const own of ['.env', 'school.env', join('.aws', 'credentials')])
    await writeFile(join(dir.path, own), secretAccessKey);
  const traces = await tracesIn(dir.path);
  expect(traces).toContain('report.zip');
  expect(traces).toContain(join('home', 'ledger.db'));
  expect(traces.filter((path) => /env|aws/.test(path))).toEqual([]);
});

test('a key that was said is found; a link’s own parameters are what it is made of', () => {
  expect(() => mustSayNoKey(`{"key":"${secretAccessKey}"}`, 'an answer')).toThrow(
    'A key can be read in an answer',
  );
  mustSayNoKey(
    `https://s3.example/a?X-Amz-Security-Token=${sessionToken}&X-Amz-Expires=60`,
    'a link',
  );
});
