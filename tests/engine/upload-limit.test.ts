import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import type { ObjectMetadata } from '../../shared/metadata.ts';
import { openRemote } from '../support/engine.ts';
import { openServer } from '../support/s3-servers.ts';

const headers = { contentType: 'audio/mpeg', metadata: {} as ObjectMetadata };
const body = Buffer.alloc(300_000, 7);

test.each(['light', 'sdk'] as const)(
  'the %s way: held to a limit, what is sent arrives whole, and no sooner',
  async (way) => {
    await using s3 = await openServer('embedded');
    using remote = openRemote(s3, { way, bytesPerSecond: () => 400_000 });
    const startMs = performance.now();
    await remote.putObject('k', body, crc32(body), headers, AbortSignal.timeout(30_000));
    // 0.75 s, less what may go out at once.
    expect(performance.now() - startMs).toBeGreaterThan(400);
    expect((await remote.head('k', AbortSignal.timeout(30_000)))?.sizeBytes).toBe(300_000);
  },
);

test.each(['light', 'sdk'] as const)(
  'the %s way: a limit that ends lets go what is on its way, and what is stopped under one ends',
  async (way) => {
    await using s3 = await openServer('embedded');
    let rate: number | undefined = 5_000; // A minute for the body.
    using remote = openRemote(s3, { way, bytesPerSecond: () => rate });
    const stop = new AbortController();
    const stopped = remote.putObject('stopped', body, crc32(body), headers, stop.signal);
    const sent = remote.putObject('k', body, crc32(body), headers, AbortSignal.timeout(20_000));
    stop.abort();
    await expect(stopped).rejects.toThrow(/abort/i);
    rate = undefined;
    await sent;
  },
);
