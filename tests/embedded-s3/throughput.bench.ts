/**
 * @file Measures how fast the embedded server takes an upload, in MiB/s. Run it by hand:
 *
 *     node tests/embedded-s3/throughput.bench.ts [MIB]
 */
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  checksumHeader,
  createHasher,
  joinChecksums,
  type ChecksumName,
  type ChecksumType,
} from '../../electron/embedded-s3/body/checksums.ts';
import { pathOf, send, type RawRequest } from './raw-client.ts';
import { startServerProcess } from './start-server-process.ts';

const PART_BYTES = 8 * 1024 * 1024;
const CONNECTIONS = 3;
const totalMib = Number(process.argv[2] ?? 512);
const partCount = Math.ceil((totalMib * 1024 * 1024) / PART_BYTES);
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

const dataDir = await mkdtemp(join(tmpdir(), 'pansea-bench-'));
const server = await startServerProcess(dataDir);
const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
try {
  for (const mode of modes) {
    const startMs = performance.now();
    await upload(mode);
    const seconds = (performance.now() - startMs) / 1000;
    console.log(`${mode.title.padEnd(24)} ${(totalMib / seconds).toFixed(0).padStart(5)} MiB/s`);
  }
} finally {
  agent.destroy();
  await server.kill();
  await rm(dataDir, { recursive: true, force: true });
}

async function upload({ checksum, type, payload }: Mode): Promise<void> {
  const path = pathOf(server.bucket, 'large');
  const headers: Record<string, string> = {};
  let value = '';
  if (checksum) {
    const hasher = createHasher(checksum);
    hasher.update(part);
    value = hasher.digest().toString('base64');
    headers[checksumHeader(checksum)] = value;
  }
  const created = await request({
    method: 'POST',
    path,
    query: { uploads: '' },
    headers:
      checksum && type ? { 'x-amz-checksum-algorithm': checksum, 'x-amz-checksum-type': type } : {},
  });
  const uploadId = /<UploadId>(.*)<\/UploadId>/u.exec(created.text)?.[1] ?? '';
  const numbers = Array.from({ length: partCount }, (_, index) => index + 1);
  const etags = await Promise.all(
    numbers.map(async (number) => {
      const query = { partNumber: String(number), uploadId };
      const sent = { method: 'PUT', path, query, headers, body: part, ...(payload && { payload }) };
      return (await request(sent)).headers.etag ?? '';
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
  await request({
    method: 'POST',
    path,
    query: { uploadId },
    headers: checksum && whole ? { [checksumHeader(checksum)]: whole } : {},
    body: `<CompleteMultipartUpload>${list.join('')}</CompleteMultipartUpload>`,
  });
}

async function request(raw: RawRequest) {
  const response = await send(server, raw, agent);
  if (response.status !== 200) throw new Error(response.text);
  return response;
}
