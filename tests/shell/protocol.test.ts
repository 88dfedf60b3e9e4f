import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { servePage } from '../../electron/shell/protocol.ts';
import { tempDir } from '../support/temp-dir.ts';

const asked = (url: string, method: string) => ({
  url,
  method,
  headers: new Headers(),
});

/** A page, with a secret beside it and links that lead there. */
async function openFolder() {
  const dir = await tempDir();
  const root = join(dir.path, 'page');
  await mkdir(join(root, 'assets'), { recursive: true });
  await writeFile(join(root, 'index.html'), '<p>page</p>');
  await writeFile(join(root, 'assets', 'index-B1_x.js'), 'script');
  await writeFile(join(root, 'assets', 'notes.txt'), 'secret');
  await writeFile(join(root, '.hidden.js'), 'secret');
  await writeFile(join(dir.path, 'secret.js'), 'secret');
  await symlink(join(dir.path, 'secret.js'), join(root, 'link.js'));
  await symlink(dir.path, join(root, 'up'));
  const serve = servePage(root, () => undefined);
  const get = (url: string, method = 'GET') => serve(asked(url, method));
  return Object.assign(dir, { get });
}

test('the files of the page come with their type and a policy that lets in nothing else', async () => {
  await using folder = await openFolder();
  const page = await folder.get('app://pansea/index.html');
  expect(page.status).toBe(200);
  expect(await page.text()).toBe('<p>page</p>');
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(page.headers.get('x-content-type-options')).toBe('nosniff');
  expect(page.headers.get('referrer-policy')).toBe('no-referrer');
  const policy = page.headers.get('content-security-policy')!.split('; ');
  expect(policy).toEqual(
    expect.arrayContaining([
      `default-src 'none'`,
      `script-src 'self'`,
      `connect-src 'self'`,
      `frame-ancestors 'none'`,
      `base-uri 'none'`,
      `form-action 'none'`,
      `require-trusted-types-for 'script'`,
    ]),
  );
  expect(policy.join()).not.toContain('unsafe');
  const script = await folder.get('app://pansea/assets/index-B1_x.js#x?y');
  expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
  expect(await script.text()).toBe('script');
});

describe('what is no file of the page is not found', () => {
  test.each([
    'app://pansea/',
    'app://pansea/none.js',
    'app://pansea/assets',
    'app://pansea/assets/',
    'app://pansea/assets/notes.txt',
    'app://pansea/.hidden.js',
    'app://pansea/../secret.js',
    'app://pansea/assets/../../secret.js',
    'app://pansea/%2e%2e/secret.js',
    'app://pansea/..%2fsecret.js',
    'app://pansea/%2e%2e%2fsecret.js',
    'app://pansea/..%5csecret.js',
    'app://pansea/..\\secret.js',
    'app://pansea/%252e%252e%252fsecret.js',
    'app://pansea/assets/%2e%2e/%2e%2e/secret.js',
    'app://pansea//etc/passwd',
    'app://pansea/%2fetc%2fpasswd',
    'app://pansea/C:/windows/win.ini',
    'app://pansea/index.html%00.js',
    'app://pansea/index.html%00',
    'app://pansea/%ff',
    'app://pansea/%',
    'app://pansea/%c0%ae%c0%ae/secret.js',
    'app://pansea/．．/secret.js',
    'app://pansea/link.js',
    'app://pansea/up/secret.js',
    'app://pansea/index.html.',
    'app://pansea/index.html::$DATA',
    'app://pansea/CON.js',
    'app://other/index.html',
    'file:///etc/passwd',
    'https://pansea/index.html',
    'nonsense',
    '',
  ])('%s', async (url) => {
    await using folder = await openFolder();
    const answer = await folder.get(url);
    expect(answer.status).toBe(404);
    expect(await answer.text()).toBe('');
    expect(answer.headers.get('content-security-policy')).toContain(`default-src 'none'`);
  });
});

test('nothing is written through it, and a page that is missing is an answer, not a failure', async () => {
  await using folder = await openFolder();
  for (const method of ['POST', 'PUT', 'DELETE', 'HEAD'])
    expect((await folder.get('app://pansea/index.html', method)).status).toBe(405);
  const nothing = servePage(join(folder.path, 'none'), () => undefined);
  expect((await nothing(asked('app://pansea/index.html', 'GET'))).status).toBe(404);
});
