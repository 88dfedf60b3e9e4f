import { chmod, chown, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test, type TestContext } from 'vitest';
import {
  parsePolicy,
  policyFile,
  readPolicyFile,
} from '../../electron/engine/school/school-file.ts';
import { AppError } from '../../shared/errors.ts';
import { tempDir } from '../support/temp-dir.ts';

const why = (text: string): string => {
  try {
    parsePolicy(text);
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing';
};
const whyNot = (file: string, machine: string): string => {
  try {
    readPolicyFile(file, machine);
  } catch (error) {
    if (error instanceof AppError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'nothing';
};

test('the example of docs/POLICY.md is understood as it says', async () => {
  const page = await readFile(join(import.meta.dirname, '../../docs/POLICY.md'), 'utf8');
  const [, example = ''] = /```json\n([^`]+)```/.exec(page) ?? [];
  expect(parsePolicy(example)).toMatchObject({
    help: 'the IT desk, extension 4711',
    storage: { bucket: 'greenfield-recordings', region: 'eu-central-1', endpoint: '' },
    folders: {
      rules: [
        {
          path: join(homedir(), 'Recordings'),
          rule: { kind: 'audio', classId: 'BIO-101', storageClass: 'STANDARD_IA', include: [] },
        },
      ],
      others: false,
    },
    links: { longestSeconds: 86_400 },
    cleanUp: { local: false, storage: false },
  });
});

describe('a policy', () => {
  test.each([
    ['{"format":1}', 'nothing'],
    ['\uFEFF{"format":1}', 'nothing'],
    ['{"format":1', /JSON/],
    ['{}', /format/],
    ['{"format":2}', /format/],
    ['{"format":1,"link":{"longestSeconds":60}}', /Unrecognized key: "link"/],
    ['{"format":1,"links":{"longestSeconds":1}}', /60/],
    ['{"format":1,"links":{"longestSeconds":999999}}', /604800/],
    ['{"format":1,"storage":{"bucket":"no bucket"}}', /AWS_S3_BUCKET is not a bucket name/],
    ['{"format":1,"storage":{"bucket":"b-1","endpoint":"http://s3.x"}}', /AWS_S3_ENDPOINT_URL/],
    ['{"format":1,"storage":{"bucket":"b-1","buket":1}}', /Unrecognized key: "buket"/],
    ['{"format":1,"folders":{"rules":[{"path":"Recordings","kind":"audio"}]}}', /absolute path/],
    ['{"format":1,"folders":{"rules":[{"path":"/a","kind":"radio"}]}}', /kind/],
    ['{"format":1,"folders":{"rules":[{"path":"/a","kind":"audio","class":"X"}]}}', /"class"/],
    ['{"format":1,"cleanUp":{"storage":"no"}}', /cleanUp.storage/],
  ])('is read strictly: %s', (text, expected) => {
    expect(why(text)).toMatch(expected);
  });

  test('is looked for where an admin put it, and by the variable only where there is none', async () => {
    await using dir = await tempDir();
    const machine = join(dir.path, 'policy.json');
    const env = { PANSEA_POLICY_FILE: join(dir.path, 'mine.json') };
    expect(policyFile(env, machine)).toBe(env.PANSEA_POLICY_FILE);
    expect(readPolicyFile(machine, machine)).toBeUndefined();
    // Damaged, empty or shut off: it is there.
    await writeFile(machine, '');
    expect(policyFile(env, machine)).toBe(machine);
    await chmod(machine, 0);
    expect(policyFile(env, machine)).toBe(machine);
  });

  test.each(['file', 'folder'])(
    'whose %s is a link to a share that is not connected is there, and cannot be read',
    async (which) => {
      await using dir = await tempDir();
      const folder = join(dir.path, 'pansea-sync');
      const machine = join(folder, 'policy.json');
      if (which === 'file') await mkdir(folder, { mode: 0o755 });
      await symlink(join(dir.path, 'share', which), which === 'file' ? machine : folder);
      const env = { PANSEA_POLICY_FILE: join(dir.path, 'mine.json') };
      expect(policyFile(env, machine)).toBe(machine);
      expect(whyNot(machine, machine)).toBe(
        `policy-unreadable: ${machine}: what it is a link to is not there`,
      );
    },
  );

  test('that somebody else than root could write is damaged', async ({ skip }: TestContext) => {
    skip(process.getuid?.() !== 0, 'only root makes files of root');
    await using dir = await tempDir();
    const folder = join(dir.path, 'pansea-sync');
    const file = join(folder, 'policy.json');
    await mkdir(folder, { mode: 0o755 });
    await writeFile(file, '{"format":1}', { mode: 0o644 });
    expect(whyNot(file, file)).toBe('nothing');
    await chmod(file, 0o666);
    expect(whyNot(file, file)).toBe(
      `policy-unreadable: ${file}: ${file} may be written by others than root`,
    );
    await chmod(file, 0o644);
    await chmod(folder, 0o777);
    expect(whyNot(file, file)).toContain(`${folder} may be written by others`);
    await chmod(folder, 0o755);
    await chown(file, 1_000, 1_000);
    expect(whyNot(file, file)).toContain('has to belong to root');
  });
});
