import { mkdir, readdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { planLines, writeArchive, writeMapping } from '../support/archive.ts';
import { runHere } from '../support/cli-here.ts';
import { openCli } from '../support/cli.ts';
import { countingServer } from '../support/engine.ts';

const bio = { kind: 'audio', classId: 'bio-101', userId: 'teacher-7' };

test('a plan names where each file goes, and first what is in the way of which', async () => {
  await using cli = await openCli();
  const root = join(cli.folder, 'archive');
  await writeArchive(root, {
    'bio/one.mp3': 'lecture one',
    'bio/One.MP3': 'lecture, louder',
    'bio/copy of one.mp3': 'lecture one',
    'bio/notes.txt': 'notes',
    'bio/empty.mp3': '',
    'bio/.hidden.mp3': 'x',
    'phys/a "quoted", name;\n=1.mp3': 'hostile',
    'papers/thesis.pdf': 'paper',
    'twice.mp3': 'two places',
    'wrong.mp3': 'wrong class',
    'nowhere.mp3': 'nowhere',
    '2024/chem-3/x/talk.mp4': 'by a rule',
    [`long/${'d'.repeat(200)}/${'e'.repeat(100)}.mp3`]: 'far down',
  });
  await writeFile(join(root, 'bio', 'now.mp3'), 'still being written');
  await symlink(join(root, 'bio', 'one.mp3'), join(root, 'bio', 'link.mp3'));
  await writeMapping(join(cli.folder, 'map.csv'), [
    ['bio', 'bio-101'],
    ['phys/a "quoted", name;\n=1.mp3', 'phys-2', 'teacher-9'],
    ['papers/*.pdf', '', 'teacher-9', 'documents'],
    ['twice.mp3', 'bio-101'],
    ['twice.mp3', 'phys-2'],
    ['wrong.mp3', '../bio'],
    ['gone.mp3', 'bio-101'],
    ['re:^2024/([^/]+)/', '$1'],
    ['long', 'bio-101'],
  ]);
  const asked = ['migrate', 'plan', 'archive', '--map', 'map.csv', '--out', 'plan.jsonl'];

  const result = await cli.run(...asked, '--user', 'teacher-7', '--json');

  expect([result.code, result.stderr]).toEqual([0, '']);
  const problems = [
    ['mapped-twice', 'twice.mp3', 'lines 6 and 7'],
    ['bad-mapping', 'wrong.mp3', 'line 8: "../bio" is not allowed as a class'],
    ['unmapped', 'nowhere.mp3'],
    ['not-a-recording', 'bio/notes.txt'],
    ['not-a-file', 'bio/link.mp3', 'a link'],
    ['empty', 'bio/empty.mp3'],
    ['still-changing', 'bio/now.mp3'],
    ['collision', 'bio/One.MP3', 'bio/one.mp3'],
    ['collision', 'bio/one.mp3', 'bio/One.MP3'],
    ['illegal-name', 'phys/a "quoted", name;\n=1.mp3', 'a "quoted", name;\n=1.mp3'],
    ['long-name', `long/${'d'.repeat(200)}/${'e'.repeat(100)}.mp3`, '310 characters'],
    ['duplicate', 'bio/one.mp3', 'bio/copy of one.mp3'],
    ['not-found', 'gone.mp3', 'line 9'],
    ['left-out', 'bio/.hidden.mp3', 'a hidden name'],
  ].map(([problem, path, detail]) =>
    detail === undefined ? { problem, path } : { problem, path, detail },
  );
  const document = result.json();
  expect(document.problems).toEqual(problems);
  expect(document).toMatchObject({ files: 7, bytes: 66, counts: { collision: 2, unmapped: 1 } });

  expect(document.groups).toEqual({
    classes: {
      'bio-101': { files: 4, bytes: 45 },
      'chem-3': { files: 1, bytes: 9 },
      'phys-2': { files: 1, bytes: 7 },
      documents: { files: 1, bytes: 5 },
    },
    types: {
      mp3: { files: 5, bytes: 52 },
      mp4: { files: 1, bytes: 9 },
      pdf: { files: 1, bytes: 5 },
    },
    years: { 2024: { files: 7, bytes: 66 } },
  });

  const lines = await planLines(join(cli.folder, 'plan.jsonl'));
  expect(lines[0]).toMatchObject({ panseaPlan: 1, root });
  expect(lines.slice(1, 1 + problems.length)).toEqual(problems);
  expect(lines.slice(1 + problems.length, -1).map(({ path, to }) => [path, to])).toEqual([
    ['2024/chem-3/x/talk.mp4', { ...bio, classId: 'chem-3' }],
    ['bio/One.MP3', bio],
    ['bio/copy of one.mp3', bio],
    ['bio/one.mp3', bio],
    [`long/${'d'.repeat(200)}/${'e'.repeat(100)}.mp3`, bio],
    ['papers/thesis.pdf', { kind: 'documents', userId: 'teacher-9' }],
    ['phys/a "quoted", name;\n=1.mp3', { ...bio, classId: 'phys-2', userId: 'teacher-9' }],
  ]);
  expect(lines.at(-1)).toMatchObject({ files: 7, bytes: 66, sha256: expect.any(String) });

  // Where nothing has changed, a plan differs from the one before in its first line and its proof.
  await utimes(join(root, 'bio', 'now.mp3'), 0, new Date());
  const again = [...asked.slice(0, -1), 'again.jsonl', '--user', 'teacher-7'];
  const told = await cli.run(...again);
  expect((await planLines(join(cli.folder, 'again.jsonl'))).slice(1, -1)).toEqual(
    lines.slice(1, -1),
  );
  expect(told.stdout).toContain(
    '6 files (55 bytes) would be sent. Of 7 files (66 bytes) in the plan,',
  );
  expect(told.stdout).toContain('nowhere.mp3: Nothing says where it is to go');
  expect(told.stdout).toContain('a "quoted", name;\\u000a=1.mp3');
  expect(told.stdout).toMatch(/Estimate: 1 second at 20 to 200 megabits a second/);

  // A plan is never written over, which is found out first, and nothing is left of one that failed.
  expect(await cli.run(...again)).toMatchObject({ code: 1, stdout: '' });
  expect((await readdir(cli.folder)).toSorted()).toEqual(
    ['again.jsonl', 'archive', 'map.csv', 'plan.jsonl'].toSorted(),
  );
});

test('an archive that cannot be opened is told as that, and what is in a trash is left out once', async () => {
  await using cli = await openCli();
  await writeArchive(join(cli.folder, 'archive'), { '$RECYCLE.BIN/old.mp3': 'thrown away' });
  await writeMapping(join(cli.folder, 'map.csv'), [['.', 'bio-101']]);
  const plan = (folder: string) =>
    cli.run('migrate', 'plan', folder, '--map', 'map.csv', '--out', 'p.jsonl', '--json');
  // For its owner a folder without permissions is the same; whoever runs tests may be root.
  const refused = await plan('map.csv');
  expect(refused.code).toBe(2);
  expect(refused.json().error.detail).toMatch(
    /map\.csv cannot be opened: see whether it is a folder/,
  );
  const { problems } = (await plan('archive')).json();
  expect(problems.filter(({ path }: { path: string }) => path === '$RECYCLE.BIN')).toEqual([
    { problem: 'left-out', path: '$RECYCLE.BIN', detail: 'a hidden folder' },
  ]);
});

test('of a plan without any file nothing is said that there would be to count', async () => {
  await using cli = await openCli();
  await mkdir(join(cli.folder, 'archive'));
  await writeMapping(join(cli.folder, 'map.csv'), [['.', 'bio-101']]);
  const plan = ['migrate', 'plan', 'archive', '--map', 'map.csv', '--out', 'plan.jsonl'];
  const { code, stdout } = await runHere(cli, plan);
  expect(code).toBe(0);
  // Before it stands what is wrong with the mapping.
  expect(stdout.split('\n').slice(-3)).toEqual([
    `0 files (0 bytes) would be sent. The plan: ${join(cli.folder, 'plan.jsonl')}`,
    'Nothing was sent or changed.',
    '',
  ]);
});

test('thousands of files are planned page by page, and each is there once', async () => {
  await using cli = await openCli();
  const number = 2_500;
  const all = Object.fromEntries(
    Array.from({ length: number }, (_, n) => [`${n % 50}/lecture ${n}.mp3`, `${n % 3}`]),
  );
  await writeArchive(join(cli.folder, 'archive'), all);
  await writeMapping(join(cli.folder, 'map.csv'), [['re:^(\\d)/', 'class-$1']]);
  const plan = ['migrate', 'plan', 'archive', '--map', 'map.csv', '--out', 'plan.jsonl', '--json'];
  const document = (await cli.run(...plan)).json();
  const mapped = Object.keys(all).filter((path) => /^\d\//.test(path));
  expect(document.counts).toEqual({
    unmapped: number - mapped.length,
    duplicate: mapped.length - 3,
  });
  const lines = await planLines(join(cli.folder, 'plan.jsonl'));
  const planned = lines.filter(({ to }) => to !== undefined).map(({ path }) => path);
  expect(planned).toEqual(mapped.toSorted());
  const blocked = document.problems.filter(
    (one: { problem: string }) => one.problem === 'unmapped',
  );
  expect(new Set(blocked.map((one: { path: string }) => one.path)).size).toBe(
    number - mapped.length,
  );
});

test.each([
  ['no header', 'a.mp3,bio-101\n', /first line has to name its columns/],
  ['an open quote', 'path,class_id\n"a.mp3,bio\n', /begins in line 2 is not closed/],
  ['a broken expression', 'path,class_id\nre:(,bio\n', /re:\(/],
  ['nothing in it', '', /is empty/],
])('a mapping with %s is refused as a whole', async (_what, text, detail) => {
  await using cli = await openCli();
  await mkdir(join(cli.folder, 'archive'));
  await writeFile(join(cli.folder, 'map.csv'), text);
  const args = ['migrate', 'plan', 'archive', '--map', 'map.csv', '--out', 'p', '--json'];
  const { code, json } = await cli.run(...args);
  expect([code, json().error]).toEqual([2, expect.objectContaining({ code: 'usage' })]);
  expect(json().error.detail).toMatch(detail);
});

test('a storage that may not be listed ends a plan at once, with what is to be allowed; one that is away does not', async () => {
  await using s3 = await countingServer({ denied: ['ListObjectsV2'] });
  await using cli = await openCli(s3);
  await writeArchive(join(cli.folder, 'archive'), { 'bio/one.mp3': 'lecture one' });
  const template = await cli.run('migrate', 'template');
  await writeFile(join(cli.folder, 'map.csv'), template.stdout.replace('2023/bio', 'bio'));
  const asked = ['migrate', 'plan', 'archive', '--map', 'map.csv', '--out', 'plan.jsonl', '--json'];
  const refused = await cli.run(...asked);
  expect([refused.code, refused.json().error]).toEqual([
    3,
    expect.objectContaining({
      code: 'list-denied',
      remedy: expect.stringContaining('s3:ListBucket'),
    }),
  ]);
  expect(await readdir(cli.folder)).not.toContain('plan.jsonl');
  await s3[Symbol.asyncDispose]();
  const away = await cli.run(...asked);
  expect([away.code, away.json()]).toMatchObject([0, { files: 1, counts: {} }]);
});

test.each([
  ['mapping', [], 'path,class_id,user_id,kind'],
  ['timetable', ['--timetable'], 'class_id,weekday,starts,ends,from,to,path'],
])('there is a %s to go on from', async (_, options, columns) => {
  await using cli = await openCli();
  const { code, stdout } = await cli.run('migrate', 'template', ...options);
  expect([code, stdout.split('\n')[0]]).toEqual([0, columns]);
});
