import type { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openServer, serverNames, unavailable, type ServerName } from '../support/s3-servers.ts';
import { accessCases } from './protocol-access.ts';
import { openClient, openContext, type ProtocolCase } from './protocol-case.ts';
import { integrityCases } from './protocol-integrity.ts';
import { listingCases } from './protocol-listing.ts';
import { multipartCases } from './protocol-multipart.ts';
import { objectCases } from './protocol-objects.ts';

const groups: readonly (readonly [subject: string, cases: readonly ProtocolCase[]])[] = [
  ['objects', objectCases],
  ['listings', listingCases],
  ['multipart uploads', multipartCases],
  ['integrity', integrityCases],
  ['access', accessCases],
];

describe.each(serverNames)('%s', (name) => {
  describe.skipIf(unavailable(name))(`on ${name}`, () => {
    let server: Awaited<ReturnType<typeof openServer>>;
    let client: S3Client;
    beforeAll(async () => {
      server = await openServer(name);
      client = openClient(server);
    });
    afterAll(async () => {
      client.destroy();
      await server[Symbol.asyncDispose]();
    });

    describe.each(groups)('%s', (subject, cases) => {
      test.each(cases.map((entry, index) => ({ index, ...onServer(entry, name) })))(
        '$title',
        async ({ index, observe, expected }) => {
          const context = openContext(server, client, `${subject}-${index}`);
          expect(await observe(context)).toEqual(expected);
        },
      );
    });
  });
});

/** The case as this server keeps it: a deviation is in the title and asserted like the rule. */
function onServer({ title, observe, expected, deviations }: ProtocolCase, name: ServerName) {
  const deviation = deviations?.[name];
  if (!deviation) return { title, observe, expected };
  const { why, observed } = deviation;
  return { title: `${title} (${name} ${why})`, observe, expected: observed };
}
