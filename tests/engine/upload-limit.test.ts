import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import type { ObjectMetadata } from '../../shared/metadata.ts';
import { openRemote } from '../support/engine.ts';
import { openServer } from '../support/s3-servers.ts';

test('held to a limit, what is sent arrives whole, and no sooner', async () => {
  await using s3 = await openServer('embedded');
  using remote = openRemote(s3, { bytesPerSecond: 400_000 });
  const headers = { contentType: 'audio/mpeg', metadata: {} as ObjectMetadata };
  const startMs = performance.now();
  const bodies = [1, 2, 3].map((n) => Buffer.alloc(100_000, n));
  const sums = await Promise.all(
    bodies.map((body, n) =>
      remote.putObject(`k${n}`, body, crc32(body), headers, AbortSignal.timeout(30_000)),
    ),
  );
  expect(sums).toEqual(bodies.map((body) => crc32(body)));
  // 0.75 s, less what may go out at once.
  expect(performance.now() - startMs).toBeGreaterThan(400);
});
