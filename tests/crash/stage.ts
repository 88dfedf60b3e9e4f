/** @file One home, one folder, one storage behind a line: where a process is killed and started again. */
import { CreateMultipartUploadCommand, PutBucketVersioningCommand } from '@aws-sdk/client-s3';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openHome } from '../../electron/engine/home/home.ts';
import { folderStore } from '../../electron/engine/store/folders.ts';
import { jobStore } from '../../electron/engine/store/jobs.ts';
import { MIB } from '../../shared/parts.ts';
import { openCli, type RunningCli } from '../support/cli.ts';
import { bioClass, countingServer } from '../support/engine.ts';
import { openFaultProxy } from '../support/fault-proxy.ts';
import { recordedParts, sentParts } from '../support/parts.ts';
import { auditAll, linesOf, sha256, type Told } from '../support/oracle.ts';
import type { S3Access } from '../support/s3-servers.ts';
import { openSdk } from '../support/sdk-client.ts';

export const workloads = ['one small file', 'two files in parts', 'a file being replaced'] as const;
export type Workload = (typeof workloads)[number];

/** Files to send, and what happens to them meanwhile. */
const files: Record<Workload, Record<string, number>> = {
  'one small file': { 'a.mp3': 100_000 },
  'two files in parts': { 'a.mp4': 17 * MIB, 'b.mp4': 9 * MIB },
  'a file being replaced': { 'a.mp4': 17 * MIB },
};

export type Stage = Awaited<ReturnType<typeof openStage>>;

/** @param isNew Without a home: nothing has ever been started. */
export async function openStage(workload: Workload, { isNew = false } = {}) {
  const storage = await countingServer();
  const proxy = await openFaultProxy(storage);
  const { MUTANT } = process.env; // A seeded bug, when it is seen whether the tests bite.
  const cli = await openCli(proxy.access, {
    PANSEA_SETTLE_SECONDS: '0.2',
    ...(MUTANT === undefined ? {} : { MUTANT }),
  });
  const home = cli.env['PANSEA_SYNC_HOME']!;
  const foreign = [await prepare(storage)];
  const written = new Map<string, string[]>();
  const told: Told[] = [];

  async function write(name: string, sizeBytes: number): Promise<void> {
    const path = join(cli.folder, name);
    const bytes = randomBytes(sizeBytes);
    // Known before the first byte is there: the bucket may hold it before this returns.
    written.set(path, [...(written.get(path) ?? []), sha256(bytes)]);
    await writeFile(path, bytes);
  }
  for (const [name, sizeBytes] of Object.entries(files[workload])) await write(name, sizeBytes);
  if (workload === 'a file being replaced')
    proxy.add({
      match: 'UploadPart',
      nth: 1,
      action: { kind: 'call', bytes: 1, run: () => write('a.mp4', 17 * MIB) },
    });
  if (!isNew) {
    const opened = openHome({ path: home });
    folderStore(opened.database, Date.now).put(cli.folder, bioClass);
    opened.close();
  }

  return {
    proxy,
    cli,
    home,
    told,
    /** Starts a sync that dies at a point of the engine, if one is given. */
    start(crashAt?: string): RunningCli {
      if (crashAt === undefined) delete cli.env['CRASH_AT'];
      else cli.env['CRASH_AT'] = crashAt;
      return cli.start('sync', '--json');
    },
    /** Runs to its end, and takes down what was said. */
    async end(running: RunningCli) {
      const result = await running.ended;
      told.push(...linesOf(result.stdout));
      return result;
    },
    /** Parts that the ledger knows to be sent, as the requests for them would look. */
    recordedParts(): Set<string> {
      const { database, close } = openHome({ path: home });
      const jobs = jobStore(database, Date.now);
      const recorded = recordedParts(jobs);
      close();
      return recorded;
    },
    /** Requests since `from`, by the same name. */
    sentParts: (from: number) => sentParts(proxy.log.slice(from)),
    audit: (isOver: boolean) => auditAll({ access: storage, home, written, told, foreign, isOver }),
    [Symbol.asyncDispose]: async () => {
      await cli[Symbol.asyncDispose]();
      await proxy[Symbol.asyncDispose]();
      await storage[Symbol.asyncDispose]();
    },
  };
}

/** Every write of a key leaves a version, and somebody else has an upload of their own. */
async function prepare(access: S3Access): Promise<string> {
  using client = openSdk(access);
  const { bucket: Bucket } = access;
  await client.send(
    new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }),
  );
  const { UploadId = '' } = await client.send(
    new CreateMultipartUploadCommand({ Bucket, Key: 'audio/bio-101/somebody-else.mp4' }),
  );
  return UploadId;
}
