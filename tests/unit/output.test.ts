import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { AppError } from '../../shared/errors.ts';
import { createOutput, EXIT, exitCodeFor } from '../../electron/cli/output.ts';
import { presentEvents } from '../../electron/cli/present.ts';

type Ending = (output: ReturnType<typeof createOutput>) => void;
const endings: [string, Ending, object][] = [
  [
    'an error',
    (output) => output.error(new AppError('cannot-write', 'a.csv')),
    { error: expect.objectContaining({ code: 'cannot-write' }) },
  ],
  ['whoever stops it', (output) => output.stopped('Stopped.'), {}],
];

test.each(endings)('a document that %s cuts off can be read', async (_what, end, rest) => {
  const stdout = new PassThrough();
  const output = createOutput(
    { stdout, stderr: new PassThrough() },
    { json: true, quiet: true, noColor: true },
  );
  const document = output.document('rows');
  await document.item({ path: 'a' }, undefined);
  await document.item({ path: 'b' }, undefined);
  end(output);
  expect(JSON.parse(String(stdout.read()))).toEqual({
    rows: [{ path: 'a' }, { path: 'b' }],
    ...rest,
  });
});

test('a disk that was full half-way is not told as nothing done', () => {
  expect(exitCodeFor(new AppError('archive-full', '/archive'))).toBe(EXIT.someFailed);
});

test('a comparison that the storage refused is not told to programs as a good one', () => {
  const stdout = new PassThrough();
  const streams = { stdout, stderr: new PassThrough() };
  const tell = presentEvents(createOutput(streams, { json: true, quiet: true, noColor: true }));
  tell({ type: 'compared', there: 0, refuted: 0, code: 'list-denied' });
  tell({ type: 'compared', there: 3, refuted: 1 });
  tell({ type: 'compared', there: 4, refuted: 0 });
  const lines = String(stdout.read()).trim().split('\n');
  expect(lines.map((line) => JSON.parse(line).state)).toEqual(['not-compared', 'missed', 'ok']);
});
