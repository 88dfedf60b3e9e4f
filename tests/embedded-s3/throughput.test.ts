/**
 * @file How fast the embedded server takes an upload: by the clock, which is printed, and by the processor
 * time that it uses, which other work on the machine hardly changes.
 */
import { createHash } from 'node:crypto';
import { Agent } from 'node:http';
import { expect, test } from 'vitest';
import {
  checksumHeader,
  createHasher,
  joinChecksums,
  type ChecksumName,
  type ChecksumType,
} from '../../electron/embedded-s3/body/checksums.ts';
import { pathOf, send, type RawRequest } from './raw-client.ts';
import { tempDir } from '../support/temp-dir.ts';
import { startServerProcess, type ServerProcess } from './start-server-process.ts';

const PART_BYTES = 8 * 1024 * 1024;
const CONNECTIONS = 3;
const PARTS = 32;
/** Half of what it is to take in a second by itself: a processor that is shared is a slower one. */
const LEAST_MIB = 100;
const part = Buffer.alloc(PART_BYTES, 'Pan-Sea');

interface Mode {
  readonly title: string;
  readonly checksum?: ChecksumName;
  readonly type?: ChecksumType;
  readonly payload?: string;
}

const unsigned = 'UNSIGNED-PAYLOAD';
const modes: readonly Mode[] = [
  { title: 'no checksum', payload: unsigned },
  { title: 'CRC32', checksum: 'CRC32', type: 'FULL_OBJECT', payload: unsigned },
  { title: 'CRC32C', checksum: 'CRC32C', type: 'FULL_OBJECT', payload: unsigned },
  { title: 'CRC64NVME', checksum: 'CRC64NVME', type: 'FULL_OBJECT', payload: unsigned },
  { title: 'SHA256', checksum: 'SHA256', type: 'COMPOSITE', payload: unsigned },
  {
    title: 'CRC32 and payload hash',
    checksum: 'CRC32',
    type: 'FULL_OBJECT',
    payload: createHash('sha256').update(part).digest('hex'),
  },
];

test.each(modes)('a second of processor time is enough for 100 MiB ($title)', async (mode) => {
  await using dir = await tempDir();
  await using server = await startServerProcess(dir.path);
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  try {
    const startMs = performance.now();
    const startCpu = await server.cpuSeconds();
    await upload({ server, agent }, mode);
    const cpuSeconds = (await server.cpuSeconds()) - startCpu;
    const seconds = (performance.now() - startMs) / 1_000;
    const rate = (over: number): number => Math.round((PARTS * 8) / over);
    console.log(`${rate(seconds)} MiB/s, ${rate(cpuSeconds)} MiB for a second of processor time`);
    expect(rate(cpuSeconds)).toBeGreaterThanOrEqual(LEAST_MIB);
  } finally {
    agent.destroy();
  }
});

type Line = Readonly<{ server: ServerProcess; agent: Agent }>;

async function upload(line: Line, { checksum, type, payload }: Mode): Promise<void> {
  const path = pathOf(line.server.bucket, 'large');
  const headers: Record<string, string> = {};
  let value = '';
  if (checksum) {
    const hasher = createHasher(checksum);
    hasher.update(part);
    value = hasher.digest().toString('base64');
    headers[checksumHeader(checksum)] = value;
  }
  const created = await request(line, {
    method: 'POST',
    path,
    query: { uploads: '' },
    headers:
      checksum && type ? { 'x-amz-checksum-algorithm': checksum, 'x-amz-checksum-type': type } : {},
  });
  const uploadId = /<UploadId>(.*)<\/UploadId>/u.exec(created.text)?.[1] ?? '';
  const numbers = Array.from({ length: PARTS }, (_, index) => index + 1);
  const etags = await Promise.all(
    numbers.map(async (number) => {
      const query = { partNumber: String(number), uploadId };
      const sent = { method: 'PUT', path, query, headers, body: part, ...(payload && { payload }) };
      return (await request(line, sent)).headers.etag ?? '';
    }),
  );
  const sum = checksum ? `<Checksum${checksum}>${value}</Checksum${checksum}>` : '';
  const list = numbers.map(
    (number, index) =>
      `<Part><PartNumber>${number}</PartNumber><ETag>${etags[index]}</ETag>${sum}</Part>`,
  );
  const whole =
    checksum && type
      ? joinChecksums(
          checksum,
          type,
          numbers.map(() => ({ sizeBytes: PART_BYTES, checksum: value })),
        )
      : undefined;
  await request(line, {
    method: 'POST',
    path,
    query: { uploadId },
    headers: checksum && whole ? { [checksumHeader(checksum)]: whole } : {},
    body: `<CompleteMultipartUpload>${list.join('')}</CompleteMultipartUpload>`,
  });
}

async function request({ server, agent }: Line, raw: RawRequest) {
  const response = await send(server, raw, agent);
  if (response.status !== 200) throw new Error(response.text);
  return response;
}
