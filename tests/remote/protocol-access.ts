import { exchange, pathOf, presign, send } from '../embedded-s3/raw-client.ts';
import { rawOutcome, type Context, type ProtocolCase } from './protocol-case.ts';

const path = ({ server, key }: Context) => pathOf(server.bucket, key);
const get = (c: Context) => ({ method: 'GET', path: path(c) });
const hourMs = 3_600_000;

export const accessCases: readonly ProtocolCase[] = [
  {
    title: 'a link works without credentials and can set headers of the answer',
    observe: async (c) => {
      await c.ask('PUT', c.key, { body: 'content' });
      const query = {
        'response-content-type': 'text/plain',
        'response-content-disposition': 'attachment; filename="a b.txt"',
      };
      const { status, text, headers } = await exchange(presign(c.server, { ...get(c), query }));
      return [status, text, headers['content-type'], headers['content-disposition']];
    },
    expected: [200, 'content', 'text/plain', 'attachment; filename="a b.txt"'],
  },
  {
    title: 'a link serves ranges',
    observe: async (c) => {
      await c.ask('PUT', c.key, { body: '0123456789' });
      const { status, text } = await exchange(presign(c.server, get(c)), {
        headers: { range: 'bytes=2-4' },
      });
      return [status, text];
    },
    expected: [206, '234'],
  },
  {
    title: 'a link can be for an upload',
    observe: async (c) => {
      const url = presign(c.server, { method: 'PUT', path: path(c) });
      const { status } = await exchange(url, { method: 'PUT', body: 'content' });
      return [status, (await c.ask('GET', c.key)).text];
    },
    expected: [200, 'content'],
  },
  {
    title: 'a link is refused once it has expired, or when it was changed',
    observe: async (c) => {
      await c.ask('PUT', c.key, { body: 'content' });
      const old = { ...get(c), atMs: Date.now() - 120_000 };
      const url = presign(c.server, { ...get(c), query: { 'response-content-type': 'a/b' } });
      return [
        rawOutcome(await exchange(presign(c.server, old, 60))),
        rawOutcome(await exchange(url.replace('a%2Fb', 'a%2Fc'))),
      ];
    },
    expected: ['403 AccessDenied', '403 SignatureDoesNotMatch'],
  },
  {
    title: 'an unsigned request is refused',
    observe: async (c) => {
      await c.ask('PUT', c.key, { body: 'content' });
      return rawOutcome(await exchange(`${c.server.endpoint}${path(c)}`));
    },
    expected: '403 AccessDenied',
    deviations: {
      swift: { why: 'calls it a bad request', observed: '400' },
    },
  },
  {
    title: 'a wrong secret key, access key, region or clock is told apart',
    observe: async (c) => {
      const { server } = c;
      const ask = async (more: Partial<typeof server>, atMs = Date.now()) =>
        rawOutcome(await send({ ...server, ...more }, { ...get(c), atMs }));
      return [
        await ask({ secretAccessKey: 'wrong' }),
        await ask({ accessKeyId: 'NOBODY' }),
        await ask({ region: 'mars-north-1' }),
        await ask({}, Date.now() - hourMs),
        await ask({}, Date.now() + hourMs),
      ];
    },
    expected: [
      '403 SignatureDoesNotMatch',
      '403 InvalidAccessKeyId',
      '400 AuthorizationHeaderMalformed',
      '403 RequestTimeTooSkewed',
      '403 RequestTimeTooSkewed',
    ],
    deviations: {
      rgw: {
        why: 'does not look at the region',
        observed: [
          '403 SignatureDoesNotMatch',
          '403 InvalidAccessKeyId',
          '404 NoSuchKey',
          '403 RequestTimeTooSkewed',
          '403 RequestTimeTooSkewed',
        ],
      },
      swift: {
        why: 'does not tell an unknown access key from a wrong secret',
        observed: [
          '403 SignatureDoesNotMatch',
          '403 SignatureDoesNotMatch',
          '400 AuthorizationHeaderMalformed',
          '403 RequestTimeTooSkewed',
          '403 RequestTimeTooSkewed',
        ],
      },
    },
  },
];
