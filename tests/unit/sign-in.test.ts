import { expect, test } from 'vitest';
import { readEnvText } from '../../electron/engine/settings/env-file.ts';
import { keysIn } from '../../electron/engine/settings/settings.ts';
import { keyEndingOf, keyEndingText } from '../../shared/sign-in.ts';

const secrets = [
  'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  'wJalrXUtnFEMIaK7MDENGabPxRfiCYEXAMPLEKEY',
  'K004abc+def/ghi',
  '11111111-2222-3333-4444-555555555555',
];

test.each(secrets)('of a secret in the place of the access key nothing is shown: %s', (secret) => {
  const { env } = readEnvText(`AWS_ACCESS_KEY_ID=${secret}\nAWS_SECRET_ACCESS_KEY=AKIAEXAMPLE1`);
  const ending = keyEndingOf(keysIn(env)!.accessKeyId);
  expect(ending).toBe('');
  expect(keyEndingText(ending)).toMatch(/looks like a secret key, and is not shown/);
});

test.each([
  'AKIAIOSFODNN7EXAMPLE',
  'minioadmin',
  'GK31c2f218a2e44f485b94239e',
  'a_b-c',
  'school:ann',
  `GOOG1${'E2'.repeat(28)}`,
  `AKID${'a1'.repeat(16)}`,
])('of an access key its end is shown: %s', (id) => {
  expect(keyEndingText(keyEndingOf(id))).toBe(`The access key ends in ${id.slice(-4)}.`);
});
