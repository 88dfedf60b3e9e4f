/** @file "It did not throw" is no proof: what is not a storage never passes for one. */
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import type { StorageSettings } from '../../electron/engine/s3/storage-settings.ts';
import type { Remote } from '../../electron/engine/s3/remote.ts';
import { verifyObject } from '../../electron/engine/upload/verify.ts';
import { AppError } from '../../shared/errors.ts';
import { openRemote, signal } from '../support/engine.ts';
import { openImpostor, signInPage } from '../support/misbehaving.ts';
import type { S3Access } from '../support/s3-servers.ts';
import { ways } from './port.ts';

const headers = { contentType: 'audio/mpeg', metadata: {} };
const body = Buffer.from('sound');
const part = { number: 1, etag: 'e', sizeBytes: 5, crc32: 1 };
const whole = { sizeBytes: 5, crc32: 1 };

const nothing = () => {};
const ledger = { opening: nothing, opened: nothing, completed: nothing, ended: nothing };

const calls: Record<string, (remote: Remote) => Promise<unknown>> = {
  head: (remote) => remote.head('k', signal()),
  list: (remote) => remote.list('', 10, undefined, signal()),
  read: (remote) => remote.read('k', 0, undefined, signal()),
  putObject: (remote) => remote.putObject('k', body, 1, headers, signal()),
  putStream: (remote) => remote.putStream('k', Readable.from([body]), headers, ledger, signal()),
  createUpload: (remote) => remote.createUpload('k', headers, signal()),
  putPart: (remote) => remote.putPart('k', 'u', 1, body, 1, signal()),
  listParts: (remote) => remote.listParts('k', 'u', signal()),
  listUploads: (remote) => remote.listUploads('', 10, signal()),
  completeUpload: (remote) => remote.completeUpload('k', 'u', [part], whole, signal()),
  abortUpload: (remote) => remote.abortUpload('k', 'u', signal()),
  deleteObject: (remote) => remote.deleteObject('k', signal()),
};

/** The code of each call's error, by its name. */
async function codes(remote: Remote): Promise<Record<string, string>> {
  const all = Object.entries(calls).map(async ([name, call]) => {
    const outcome = await call(remote).then(
      (answer) => `answered ${JSON.stringify(answer)}`,
      (error: unknown) => (error instanceof AppError ? error.code : String(error)),
    );
    return [name, outcome] as const;
  });
  return Object.fromEntries(await Promise.all(all));
}

const every = (code: string) => Object.fromEntries(Object.keys(calls).map((name) => [name, code]));

/** An answer to Complete with status 200, as S3 gives it when it fails after it has begun to answer. */
const answerTo = (xml: string) =>
  openImpostor((_request: IncomingMessage, response) => {
    response.writeHead(200, { 'content-type': 'application/xml' });
    response.end(`<?xml version="1.0" encoding="UTF-8"?>${xml}`);
  });

/** Answers each removal with 204 and nothing else. */
const bare = (others: Parameters<typeof openImpostor>[0]) =>
  openImpostor((request, response) =>
    request.method === 'DELETE' ? response.writeHead(204).end() : others(request, response),
  );

const listing = (more: string) =>
  `<ListBucketResult><Name>bucket</Name><Prefix></Prefix>${more}<Contents><Key>a</Key><Size>1</Size></Contents>`;

describe.each(ways)('the %s way', (way) => {
  const open = (access: S3Access, settings: Partial<StorageSettings> = {}) =>
    openRemote(access, { way, ...settings });
  const removals = async (server: S3Access) => {
    using remote = open(server);
    const { abortUpload, deleteObject } = await codes(remote);
    return { abortUpload, deleteObject };
  };

  describe('a network’s sign-in page', () => {
    test('is taken for the storage by no call at all', async () => {
      await using portal = await openImpostor(signInPage());
      using remote = open(portal);
      expect(await codes(remote)).toEqual(every('not-storage'));
    });

    test.each([301, 302, 303, 307, 308, 511])('with status %i is not followed', async (status) => {
      await using portal = await openImpostor(
        signInPage(status, { location: 'http://login.example/' }),
      );
      using remote = open(portal);
      expect(await codes(remote)).toEqual(every('not-storage'));
    });

    test('with an ETag, as a file server would give it, is taken for the storage by no call either', async () => {
      await using portal = await openImpostor(
        signInPage(200, { etag: '"5f3c-61"', 'content-length': '91' }),
      );
      using remote = open(portal);
      expect(await codes(remote)).toEqual(every('not-storage'));
      const fingerprint = { sizeBytes: 91, sha256: 'a'.repeat(64), crc32: 1 };
      await expect(
        verifyObject(remote, { key: 'k', token: 'ours', fingerprint }, signal()),
      ).rejects.toBeInstanceOf(AppError);
    });
  });

  test('a success that says nothing is the storage’s own failure when it carries the storage’s request id', async () => {
    await using s3 = await openImpostor((_request, response) => {
      response.writeHead(200, { 'x-amz-request-id': 'R1', 'content-length': '0' }).end();
    });
    using remote = open(s3);
    const { list, read, listParts, listUploads, head, abortUpload, deleteObject, ...sending } =
      await codes(remote);
    expect([list, read, listParts, listUploads, head]).not.toContain('answered');
    expect([abortUpload, deleteObject]).toEqual(['not-storage', 'not-storage']);
    expect(new Set(Object.values(sending))).toEqual(new Set(['server-error']));
  });

  describe('a removal that is answered with nothing at all', () => {
    test('is not believed of a network’s sign-in page', async () => {
      await using portal = await bare(signInPage());
      expect(await removals(portal)).toEqual({
        abortUpload: 'not-storage',
        deleteObject: 'not-storage',
      });
    });

    test('is not believed while the storage still has it', async () => {
      await using s3 = await bare((request, response) => {
        response.writeHead(200, { etag: '"e"', 'x-amz-request-id': 'R1' });
        const parts = '<UploadId>u</UploadId><IsTruncated>false</IsTruncated>';
        response.end(
          request.method === 'HEAD' ? '' : `<ListPartsResult>${parts}</ListPartsResult>`,
        );
      });
      expect(await removals(s3)).toEqual({
        abortUpload: 'not-storage',
        deleteObject: 'not-storage',
      });
    });

    test('is not taken for refused because this account may not look whether it is done', async () => {
      await using s3 = await bare((_request, response) => {
        response.writeHead(403, { 'x-amz-request-id': 'R1', 'content-type': 'application/xml' });
        response.end('<Error><Code>AccessDenied</Code><Message>No</Message></Error>');
      });
      expect(await removals(s3)).toMatchObject({ deleteObject: 'not-storage' });
    });

    test('is, once the storage itself says that it is gone', async () => {
      await using s3 = await bare((_request, response) => {
        response.writeHead(404, { 'x-amz-request-id': 'R1', 'content-type': 'application/xml' });
        response.end('<Error><Code>NoSuchUpload</Code><Message>Gone</Message></Error>');
      });
      expect(await removals(s3)).toEqual({
        abortUpload: 'answered undefined',
        deleteObject: 'answered {"recoverable":false}',
      });
    });
  });

  test('a gateway without a storage behind it is away, and asks nobody to slow down', async () => {
    await using gateway = await openImpostor((_request, response) =>
      response
        .writeHead(503, { 'content-type': 'text/html' })
        .end('<h1>No server is available</h1>'),
    );
    using remote = open(gateway);
    expect(await remote.head('k', signal()).catch((error: AppError) => error.code)).toBe('offline');
    expect(remote.slowed()).toBeUndefined();
  });

  describe('a completion that begins well', () => {
    const error = '<Error><Code>InternalError</Code><Message>We failed</Message></Error>';
    test.each([
      ['an error', error],
      ['an error and a line’s end', `\n${error}\n`],
      ['an error behind white space', `  \n\n  ${error}  \n`],
      ['nothing', ''],
      ['another answer', '<ListBucketResult><Name>bucket</Name></ListBucketResult>'],
    ])('and ends in %s is no success', async (_, xml) => {
      await using s3 = await answerTo(xml);
      using remote = open(s3);
      const done = remote.completeUpload('k', 'u', [part], whole, signal());
      await expect(done).rejects.toMatchObject({
        code: expect.stringMatching(/^(server-error|not-storage)$/) as string,
      });
    });
  });

  test('an empty list from what does not name our bucket says nothing about the bucket', async () => {
    await using s3 = await answerTo(
      '<ListBucketResult><Name>other</Name><KeyCount>0</KeyCount></ListBucketResult>',
    );
    using remote = open(s3);
    await expect(remote.list('', 10, undefined, signal())).rejects.toMatchObject({
      code: 'not-storage',
    });
  });

  test.each([
    [
      'whose end was lost',
      `${listing('<KeyCount>2</KeyCount><IsTruncated>false</IsTruncated>')}<Cont`,
    ],
    [
      'that lacks keys it counts',
      `${listing('<KeyCount>2</KeyCount><IsTruncated>false</IsTruncated>')}</ListBucketResult>`,
    ],
    [
      'that does not say whether it is whole',
      `${listing('<KeyCount>1</KeyCount>')}</ListBucketResult>`,
    ],
    [
      'that leads round in circles',
      `${listing('<KeyCount>1</KeyCount><IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>')}</ListBucketResult>`,
    ],
  ])('a list %s is no list', async (_, xml) => {
    await using s3 = await answerTo(xml);
    using remote = open(s3);
    await expect(remote.list('', 10, 't', signal())).rejects.toMatchObject({ code: 'not-storage' });
  });

  test('a list of parts that leads round in circles ends', async () => {
    const xml = '<Part><PartNumber>1</PartNumber><ETag>e</ETag><Size>5</Size></Part>';
    await using s3 = await answerTo(
      `<ListPartsResult><UploadId>u</UploadId><IsTruncated>true</IsTruncated><NextPartNumberMarker>1</NextPartNumberMarker>${xml}</ListPartsResult>`,
    );
    using remote = open(s3);
    expect([...(await remote.listParts('k', 'u', signal()))!.keys()]).toEqual([1]);
    expect(s3.requests).toHaveLength(2);
  });

  test('a body that breaks off half-way is the connection’s failure, not the disk’s', async () => {
    await using s3 = await openImpostor((_request, response) => {
      response.writeHead(200, { etag: '"e"', 'content-length': '1000' });
      response.write('half', () => response.destroy());
    });
    using remote = open(s3);
    const reading = async () => {
      for await (const piece of await remote.read('k', 0, undefined, signal())) void piece;
    };
    await expect(reading()).rejects.toMatchObject({ code: 'offline' });
  });

  test('https spoken to a port that knows only http is a connection that is not private', async () => {
    await using s3 = await openImpostor(signInPage());
    using remote = open(s3, { endpoint: s3.endpoint.replace('http:', 'https:') });
    await expect(remote.head('k', signal())).rejects.toMatchObject({
      code: 'untrusted-connection',
    });
  });
});
