/** @file What people read when something goes wrong: all of it, as the window and the command line say it. */
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { createOutput } from '../../electron/cli/output.ts';
import { addVerbs } from '../../electron/cli/verbs/all.ts';
import { errorAnswer } from '../../electron/serve/reply.ts';
import { NotAnswering } from '../../renderer/not-answering.ts';
import { tell, tellJob, type Telling } from '../../renderer/words/troubles.ts';
import { tellAsked, tellDelete, tellError } from '../../renderer/words/failures.ts';
import { catalogue, remedyOf, wordsOf, type Reason } from '../../shared/troubles/catalogue.ts';
import { AppError, errorCodes } from '../../shared/errors.ts';
import { holds } from '../../shared/troubles/holds.ts';
import { holdReasons } from '../../shared/job.ts';
import type { Trouble } from '../../shared/troubles/trouble.ts';

const reasons: readonly Reason[] = [...errorCodes, ...holdReasons];
const rows = Object.entries<Omit<Trouble, 'retry' | 'scope'>>({ ...catalogue, ...holds });
const sentencesOf = (words: Partial<Record<'title' | 'safe' | 'todo', string>> = {}) =>
  [words.title, words.safe, words.todo].filter((text) => text !== undefined);
/** All that anybody may read of a row, wherever. */
const allOf = (row: Omit<Trouble, 'retry' | 'scope'>) => [
  ...sentencesOf(row),
  ...sentencesOf(row.cli),
];

const file = (name: string) => join(import.meta.dirname, 'words', name);
const card = ({ title, what, safe, todo, detail, goTo, isWaiting }: Telling) =>
  [
    `${isWaiting ? '○' : '●'} ${title}`,
    ...[what, safe, todo, detail && `Details: ${detail}`]
      .filter(Boolean)
      .map((text) => `  ${text}`),
    ...(goTo ? [`  [Open ${goTo.startsWith('settings') ? 'Settings' : 'Library'}]`] : []),
  ].join('\n');

/** As the process prints it on stderr. */
function printed(error: AppError): string {
  let text = '';
  const stderr = new Writable({
    write(chunk: Buffer, _, done) {
      text += chunk.toString();
      done();
    },
  });
  createOutput({ stdout: stderr, stderr }, { json: false, quiet: false, noColor: true }).error(
    error,
  );
  return text.trimEnd();
}

test('the window says this of everything that can be expected to go wrong', async () => {
  const cards = [
    ...errorCodes.map((code) => card(tell(code, 'what exactly'))),
    ...holdReasons.map((code) => card(tellJob({ code }))),
    ...(['silent', 'refused'] as const).map((why) => card(tellError(new NotAnswering(why)))),
  ];
  await expect(`${cards.join('\n\n')}\n`).toMatchFileSnapshot(file('window.txt'));
});

test('the command line says this of the same', async () => {
  const errors = errorCodes.map((code) =>
    printed(new AppError(code, 'what exactly', { requestId: '4442587FB7D0A2F9' })),
  );
  const held = holdReasons.map((code) => `${wordsOf(code, 'cli').title}. ${remedyOf(code, 'cli')}`);
  await expect(`${[...errors, ...held].join('\n\n')}\n`).toMatchFileSnapshot(file('cli.txt'));
});

describe('what people read of a trouble', () => {
  test('is written for at least forty situations, each told apart', () => {
    expect(errorCodes.length).toBeGreaterThanOrEqual(40);
    const told = errorCodes.map((code) => catalogue[code].title + catalogue[code].safe);
    expect(new Set(told).size).toBe(errorCodes.length);
  });

  test.each(rows)('%s: whether the recording is safe, or that nothing was touched', (_, row) => {
    for (const { safe = row.safe } of [row, row.cli ?? row])
      expect(safe).toMatch(
        /\bsafe\b|at risk|none counts as deleted|deleted nothing|stays where it is|[Nn]othing (?:on this computer )?was|not touched|No recording on this computer was/,
      );
  });

  test.each(rows)('%s: is plain, short and polite', (code, row) => {
    for (const words of allOf(row)) {
      expect(words.trim()).toBe(words);
      expect(words).toMatch(/^[A-Z]/);
      // No shouting, no blame.
      expect(words).not.toMatch(
        /!|\b(?:you (?:have|did|forgot|failed|entered)|fault|invalid|illegal|must not|bad)\b/i,
      );
      // Neither error codes nor names of exceptions.
      expect(words).not.toMatch(
        /\b(?:E[A-Z]{4,}|[345]\d\d|errno|error code|exception|null|undefined|SQLITE_\w+)\b|\w(?:Error|Exception)\b/,
      );
      expect(code.includes('-') && words.includes(code)).toBe(false);
      // Neither keys nor addresses.
      expect(words).not.toMatch(/https?:|X-Amz|AKIA|audio\/|\bBearer\b/);
    }
    for (const { title = row.title } of [row, row.cli ?? row]) {
      expect(title).not.toMatch(/\.$/);
      expect(title.length).toBeLessThanOrEqual(70);
    }
    for (const text of [row.safe, row.todo]) {
      expect(text).toMatch(/\.$/);
      expect(text.split(/(?<=\.) /).length).toBeLessThanOrEqual(3);
    }
  });

  test('names in a window neither variables nor options nor commands', () => {
    const spoken = rows.filter(([, row]) =>
      /AWS_|PANSEA_|HTTPS?_PROXY|--|pansea-sync/.test(sentencesOf(row).join(' ')),
    );
    expect(spoken.map(([code]) => code)).toEqual([]);
  });

  test('names on the command line neither buttons nor pages, and only verbs that there are', async () => {
    const program = new Command();
    await addVerbs(
      program,
      () => async () => {},
      () => false,
    );
    const known = program.commands.map((command) => command.name());
    for (const code of reasons) {
      const text = `${wordsOf(code, 'cli').title}. ${remedyOf(code, 'cli')}`;
      expect(text).not.toMatch(/\bpress\b|\bin Settings\b|the Library\b|this window/);
      for (const [, verb] of text.matchAll(/pansea-sync ([a-z][\w-]*)/g))
        expect(known).toContain(verb);
    }
  });

  test('leads in a window to the page that it names', () => {
    const astray = rows.filter(([, { todo, goTo }]) => {
      const named = /\bSettings\b/.test(todo)
        ? 'settings'
        : /\bLibrary\b/.test(todo)
          ? 'library'
          : undefined;
      return named !== goTo?.split('/')[0];
    });
    expect(astray.map(([code]) => code)).toEqual([]);
  });

  test('says what the school has set, and whom to ask, without a fold, wherever it refuses', () => {
    const said = 'Nothing is deleted from the storage here. Ask the IT desk';
    for (const told of [tellError, tellAsked, tellDelete]) {
      const { what, detail } = told(new AppError('set-by-school', said));
      expect([what, detail]).toEqual([said, undefined]);
    }
  });

  test('says where a plan’s file is missed, and what that leaves alone', () => {
    const { what, safe } = tellAsked(new AppError('plan-away', '/plans/archive.jsonl'));
    expect(what).toBe('/plans/archive.jsonl');
    expect(safe).toContain('the archive and what is uploaded are as they were');
  });

  test('is the same for the REST routes as on the command line: neither has buttons', () => {
    for (const code of errorCodes) {
      const { error } = errorAnswer(new AppError(code, 'd', { requestId: 'R1' })).body as Record<
        string,
        unknown
      >;
      expect(error).toEqual({
        code,
        title: wordsOf(code, 'cli').title,
        remedy: remedyOf(code, 'cli'),
        detail: 'd',
        requestId: 'R1',
      });
    }
  });

  test('says that it goes on by itself only where it does', () => {
    const wrong = errorCodes.filter((code) => {
      const { retry, todo, safe } = catalogue[code];
      if (retry === 'after-user') return todo.startsWith('Nothing to do');
      return !/^Nothing to do|by (?:itself|themselves)|then wait/.test(`${todo} ${safe}`);
    });
    expect(wrong).toEqual([]);
  });
});
