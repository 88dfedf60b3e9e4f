/** @file What a storage's answers put right of the way to it: region, host, path. The clock is in clock.test.ts. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { StorageSettings } from '../../electron/engine/s3/storage-settings.ts';
import type { Remote } from '../../electron/engine/s3/remote.ts';
import { createLink } from '../../electron/engine/library/share.ts';
import { linkStore } from '../../electron/engine/store/links.ts';
import { MIB } from '../../shared/parts.ts';
import { put, ways } from '../remote/port.ts';
import {
  countingServer,
  objectBytes,
  openTestEngine,
  randomFile,
  toBio,
  type Counted,
  type TestEngine,
} from '../support/engine.ts';
import { openFaultProxy } from '../support/fault-proxy.ts';
import { tempDir } from '../support/temp-dir.ts';
import { openFront } from '../support/tls-front.ts';

const signal = () => AbortSignal.timeout(60_000);

/** An engine on a home that stays, so that it can be opened again. */
async function openStage(s3: Counted) {
  const stack = new AsyncDisposableStack();
  const dir = stack.use(await tempDir());
  let app: TestEngine | undefined;
  let files = 0;
  return {
    async open(settings: Partial<StorageSettings>): Promise<TestEngine> {
      await app?.[Symbol.asyncDispose]();
      await mkdir(join(dir.path, 'home'), { recursive: true });
      app = openTestEngine(s3, dir.path, { quietMs: 30, random: () => 0, settings });
      return app;
    },
    /** Sends one and shows that it is there, in the list, and behind a link that anybody can open. */
    async everything({ engine, remote, home }: TestEngine, sizeBytes: number): Promise<void> {
      const path = join(dir.path, `${(files += 1)}.mp3`);
      const bytes = await randomFile(path, sizeBytes);
      const [job] = await engine.uploadNow([path], toBio, signal());
      if (!job || job instanceof Error) throw new Error(`Not uploaded: ${String(job)}`);
      const key = job.key!;
      expect(job.state.kind).toBe('verified');
      expect((await objectBytes(remote, key)).equals(bytes)).toBe(true);
      const { objects } = await remote.list('audio/', 1_000, undefined, signal());
      expect(objects.map((object) => object.key)).toContain(key);
      const links = linkStore(home.database);
      const request = { key, expiresInSeconds: 60, mode: 'watch' } as const;
      const { url } = await createLink({ remote, links, nowMs: Date.now }, request, signal());
      const opened = await fetch(url);
      expect([opened.status, (await opened.bytes()).length]).toEqual([200, sizeBytes]);
    },
    [Symbol.asyncDispose]: async () => {
      await app?.[Symbol.asyncDispose]();
      await stack.disposeAsync();
    },
  };
}

const sizes = [1_000, 9 * MIB];

describe.each(ways)('the %s way, in another region than the settings say', (way) => {
  test.each(sizes)('%i bytes go where the storage says, and that is remembered', async (size) => {
    await using s3 = await countingServer();
    await using stage = await openStage(s3);
    const first = await stage.open({ way, region: 'eu-west-1' });
    await stage.everything(first, size);
    expect(first.corrections).toEqual([{ kind: 'region', asked: 'eu-west-1', found: 'us-east-1' }]);

    s3.requests.length = 0;
    const again = await stage.open({ way, region: 'eu-west-1' });
    await stage.everything(again, size);
    expect(s3.requests.filter(({ status }) => status === 400)).toEqual([]);
    expect(again.corrections).toEqual([]);

    // Who asks for another region has said something new.
    const other = await stage.open({ way, region: 'ap-south-1' });
    await stage.everything(other, size);
    expect(other.corrections).toHaveLength(1);
  });

  test.each([
    ['a list', (remote: Remote) => remote.list('', 1, undefined, signal())],
    ['a recording', (remote: Remote) => put(remote, 'k', Buffer.from('sound'))],
    ['a look at the unfinished', (remote: Remote) => remote.listUploads('', 1, signal())],
  ])('it may be %s that finds out', async (_, ask) => {
    await using s3 = await countingServer();
    await using stage = await openStage(s3);
    const { remote, corrections } = await stage.open({ way, region: 'eu-west-1' });
    await ask(remote);
    expect(corrections).toHaveLength(1);
    expect(s3.requests.map(({ status }) => status)).toEqual([400, 200]);
  });

  test.each([301, 307])('a bare %i that names it in a header is enough', async (status) => {
    await using s3 = await countingServer();
    await using line = await openFaultProxy(s3);
    await using stage = await openStage(s3);
    const headers = { 'x-amz-bucket-region': 'us-east-1', 'x-amz-request-id': 'R1' };
    line.add({ nth: 1, action: { kind: 'replaceResponse', status, headers } });
    const { endpoint } = line.access;
    const app = await stage.open({ way, region: 'eu-west-1', endpoint });
    await stage.everything(app, 1_000);
    expect(app.corrections).toHaveLength(1);
  });
});

describe.each(ways)('the %s way, behind an address with a path', (way) => {
  test.each(sizes)(
    'that a proxy takes away before the storage, %i bytes, lists and links go through',
    async (size) => {
      await using s3 = await countingServer();
      await using front = await openFront(s3.endpoint, ({ path, host }) => ({
        path: path.replace(/^\/school\/store/, ''),
        host,
      }));
      await using stage = await openStage(s3);
      const endpoint = `${front.endpoint}/school/store`;
      const app = await stage.open({ way, endpoint });
      await stage.everything(app, size);
      expect(front.asked.every((line) => line.includes(' /school/store/'))).toBe(true);
      expect(app.corrections).toEqual([{ kind: 'path', path: '/school/store' }]);

      s3.requests.length = 0;
      await stage.everything(await stage.open({ way, endpoint }), size);
      expect(s3.requests.filter((entry) => entry.status === 403)).toEqual([]);
    },
  );

  test('that the storage itself knows of, nothing is changed', async () => {
    await using s3 = await countingServer({ mountedAt: '/storage/v1/s3' });
    await using stage = await openStage(s3);
    const app = await stage.open({ way, endpoint: `${s3.endpoint}/storage/v1/s3` });
    for (const size of sizes) await stage.everything(app, size);
    expect(app.corrections).toEqual([]);
    expect(s3.requests.filter(({ status }) => status === 403)).toEqual([]);
  });

  test('where no signature can hold, that is said of the path, and nothing is remembered', async () => {
    await using s3 = await countingServer();
    await using front = await openFront(s3.endpoint, ({ path }) => ({
      path: path.replace(/^\/store/, ''),
      host: 'inside.example',
    }));
    await using stage = await openStage(s3);
    const { remote, corrections } = await stage.open({ way, endpoint: `${front.endpoint}/store` });
    await expect(remote.list('', 10, undefined, signal())).rejects.toMatchObject({
      code: 'wrong-secret',
      message: expect.stringContaining('The address has a path (/store)') as string,
    });
    expect(remote.known.get('signsPrefix')).toBeUndefined();
    expect(corrections).toEqual([]);
  });

  test('wrong keys stay wrong keys', async () => {
    await using s3 = await countingServer({ mountedAt: '/store' });
    await using stage = await openStage(s3);
    const credentials = { accessKeyId: s3.accessKeyId, secretAccessKey: 'not the secret' };
    const endpoint = `${s3.endpoint}/store`;
    const { remote } = await stage.open({ way, endpoint, credentials });
    await expect(remote.head('k', signal())).rejects.toMatchObject({ code: 'wrong-secret' });
    expect(remote.known.get('signsPrefix')).toBeUndefined();
  });
});

test.each(ways)(
  'the %s way, a storage that wants the bucket in its host’s name gets it there, through a proxy of plain http',
  async (way) => {
    await using s3 = await countingServer({ hostStyle: 'storage.example' });
    await using proxy = await openFront(s3.endpoint);
    await using stage = await openStage(s3);
    const settings = {
      way,
      endpoint: 'http://storage.example',
      proxyEnv: { HTTP_PROXY: proxy.endpoint },
    };
    const app = await stage.open(settings);
    const path = join(app.home.path, '..', 'a.mp3');
    for (const size of sizes) {
      await randomFile(path, size);
      const [job] = await app.engine.uploadNow([path], toBio, signal());
      expect(job).toMatchObject({ state: { kind: 'verified' } });
    }
    expect(
      proxy.asked.filter((line) => line.includes(`//${s3.bucket}.storage.example/`)),
    ).not.toEqual([]);
    expect(app.corrections).toEqual([{ kind: 'host', bucket: s3.bucket }]);
    const key = (await app.remote.list('', 1, undefined, signal())).objects[0]!.key;
    const options = { expiresInSeconds: 60, mode: 'watch', fileName: 'a.mp3' } as const;
    expect(await app.remote.signDownload(key, options)).toContain(
      `http://${s3.bucket}.storage.example/`,
    );
  },
);
