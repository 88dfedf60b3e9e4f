/** @file Memory that small files were read into is used again, and is not kept for lengths that may not come again. */
import * as crypto from 'node:crypto';
import * as fs from 'node:fs';
import { join } from 'node:path';
import * as zlib from 'node:zlib';
import { expect, test } from 'vitest';
import { serve, type Answered, type Wanted } from '../../electron/engine/files/read-many.ts';
import { tempDir } from '../support/temp-dir.ts';

const MIB = 1024 * 1024;

test.each([
  ['a few that come again', 4, true],
  ['more than is kept, once others have come', 40, false],
])('%s', async (_, files, isUsedAgain) => {
  await using dir = await tempDir();
  const thread = serve(fs, crypto, zlib, fs.constants.O_RDONLY, 60_000);
  const ask = (wanted: Wanted): Answered => thread(wanted).answer;
  function read(count: number, size: number): readonly ArrayBuffer[] {
    const path = join(dir.path, `${size}`);
    fs.writeFileSync(path, new Uint8Array(size));
    const answer = ask({
      kind: 'take',
      paths: Array.from({ length: count }, () => path),
      sizes: Array.from({ length: count }, () => size),
    });
    const bodies = answer.bodies.map(({ buffer }) => buffer);
    ask({ kind: 'close', files: answer.files, bodies });
    return bodies;
  }
  const first = read(files, MIB);
  expect(first.map(({ byteLength }) => byteLength)).toEqual(first.map(() => MIB));
  read(1, 5_000);
  const [again] = read(1, MIB);
  expect(first.includes(again!)).toBe(isUsedAgain);
});
