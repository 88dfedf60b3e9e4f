/** @file What the container parsers say of a file, in one word. */
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { judgeFile } from '../../electron/engine/container/judge.ts';
import { tempDir } from './temp-dir.ts';

/** The reason where there is one, or the kind. */
export async function judge(path: string): Promise<string> {
  const verdict = await judgeFile({ path, sizeBytes: (await stat(path)).size });
  return 'why' in verdict ? verdict.why : verdict.kind;
}

/** The verdict on these bytes, as a file. */
export async function judgeBuffer(bytes: Buffer): Promise<string> {
  await using dir = await tempDir();
  const path = join(dir.path, 'recording');
  await writeFile(path, bytes);
  return judge(path);
}
