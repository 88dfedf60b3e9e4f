import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { quarantine, undo } from '../../electron/engine/migrate/cleanup.ts';
import { writeReceipts } from '../../electron/engine/migrate/receipts.ts';
import { verifyPlan } from '../../electron/engine/migrate/verify.ts';
import { checkReceipts } from '../../scripts/verify-receipts.mjs';
import { openArchive, type Archive } from '../support/archive.ts';

const program = join(import.meta.dirname, '../../scripts/verify-receipts.mjs');
const nobody = () => {};

/** Two files, verified twice, taken away and brought back. */
async function done(): Promise<Archive> {
  const archive = await openArchive({ 'a.mp3': 'lecture a', "it's =b.mp3": 'lecture b' });
  const { context, plan, signal } = archive;
  await archive.run();
  for (const level of ['full', 'full'] as const)
    await verifyPlan(context, plan, { level, share: 1 }, nobody, signal);
  await quarantine(context, plan, 'full', 2, nobody, signal);
  await undo(context, plan, new Set(['a.mp3']), nobody, signal);
  return archive;
}

async function receipts({ plans, plan, dir }: Archive, name: string) {
  const path = join(dir, name);
  const { head } = await writeReceipts(plans, plan, dir, path);
  return { path, head, text: await readFile(path, 'utf8') };
}

test('each proof, each move and each return leaves a receipt, which a program of its own checks', async () => {
  await using archive = await done();
  const { path, head, text } = await receipts(archive, 'receipts.jsonl');
  const lines = text.trimEnd().split('\n').slice(1, -1);
  const all = lines.map((line) => JSON.parse(JSON.parse(line).entry) as Record<string, unknown>);
  // Files are moved side by side.
  const moved = all
    .slice(2, 4)
    .toSorted((a, b) => String(a['path']).localeCompare(String(b['path'])));
  const entries = [...all.slice(0, 2), ...moved, ...all.slice(4)];
  expect(entries.map(({ path: of, verdict, place }) => [of, verdict ?? place])).toEqual([
    ['a.mp3', 'verified'],
    ["it's =b.mp3", 'verified'],
    ['a.mp3', 'quarantined'],
    ["it's =b.mp3", 'quarantined'],
    ['a.mp3', 'here'],
  ]);
  const sha256 = createHash('sha256').update('lecture a').digest('hex');
  const proof = { key: archive.keyOf('a.mp3'), sha256, sizeBytes: 9, level: 'full' };
  for (const entry of [entries[0], entries[2], entries[4]]) expect(entry).toMatchObject(proof);
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, [program, path], { cwd: '/', env: {} });
  expect(stdout).toContain(`5 receipts, unbroken. Last: ${head}`);

  // The same key signs the next ones, which begin like these.
  const again = await receipts(archive, 'again.jsonl');
  expect(await checkReceipts([again.text])).toEqual(await checkReceipts([text]));
  await writeFile(path, text.replace('a.mp3', 'c.mp3'));
  await expect(run(process.execPath, [program, path])).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('Line 2'),
  });
});

test('a verdict about another object leaves a receipt, and only what it is about is cleaned up', async () => {
  await using archive = await done();
  const { context, plan, plans, signal } = archive;
  const before = [...plans.receipts(plan.id)].length;
  const [file] = plans.files(plan.id);
  const { verdict, level, sha256 } = file!;
  plans.setVerdicts(
    plan,
    [{ file: file!, verdict: verdict!, level: level!, key: 'other', sha256 }],
    0,
  );
  const added = [...plans.receipts(plan.id)].slice(before).map(({ entry }) => JSON.parse(entry));
  expect(added).toEqual([expect.objectContaining({ path: 'a.mp3', verdict, key: 'other' })]);
  const kept: unknown[] = [];
  await quarantine(context, plan, 'full', 1, (cleaned) => void kept.push(cleaned.kept), signal);
  expect(kept).toEqual(['pending']);
});

test('a single bit that is turned over, and a line that is missing or moved, is found', async () => {
  await using archive = await done();
  const { text } = await receipts(archive, 'receipts.jsonl');
  const bytes = Buffer.from(text);
  const missed: number[] = [];
  const end = text.lastIndexOf('\n', text.length - 2);
  const bits = Array.from({ length: bytes.length * 8 }, (_, at) => at);
  // Each of the last line, where the key and the signature are; elsewhere one of each byte.
  for (const at of bits.filter((bit) => bit >> 3 > end || bit % 8 === (bit >> 3) % 8)) {
    const other = Buffer.from(bytes);
    other[at >> 3]! ^= 1 << (at % 8);
    try {
      await checkReceipts([other.toString('utf8')]);
      missed.push(at);
    } catch {
      // Found.
    }
  }
  expect(missed).toEqual([]);
  const lines = text.split('\n');
  for (const changed of [
    lines.toSpliced(3, 1),
    lines.toSpliced(-3, 1),
    lines.toSpliced(2, 2, lines[3]!, lines[2]!),
    lines.toSpliced(-2, 1),
    lines.slice(0, 3),
  ])
    await expect(checkReceipts([changed.join('\n')])).rejects.toThrow(/Line|cut off/);
});
