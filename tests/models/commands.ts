/** @file What may happen, one command each, by weight: in the folder, in the world around, in the app. */
import * as fc from 'fast-check';
import { SINGLE_PUT_BYTES } from '../../shared/parts.ts';
import { AppError } from '../../shared/errors.ts';
import { classes } from './classes.ts';
import { command, has, small, type Command } from './command.ts';
import { personal } from './person.ts';
import { operations, type Trick } from './port.ts';
import { rights } from './rights.ts';
import { FOREIGN_KEY } from './world.ts';

const size = fc.oneof(
  { arbitrary: small, weight: 6 },
  { arbitrary: fc.constantFrom(SINGLE_PUT_BYTES, SINGLE_PUT_BYTES + 1), weight: 2 },
  { arbitrary: fc.constant(2 * SINGLE_PUT_BYTES + 12_345), weight: 2 },
  { arbitrary: fc.constant(0), weight: 1 },
);
const always = (): boolean => true;
const isIn = (folder: string) => (file: string) => file.startsWith(`${folder}/`);

const unplug = fc.constant(
  command(
    'unplug the folder',
    ({ isConnected }) => isConnected,
    (world, model) => {
      world.unplug();
      model.isConnected = false;
    },
  ),
);
const plugIn = fc.constant(
  command(
    'plug the folder in',
    ({ isConnected }) => !isConnected,
    (world, model) => {
      world.plugIn();
      model.isConnected = true;
    },
  ),
);

const operation = fc.constantFrom(...operations);
const when = fc.constantFrom('before' as const, 'after' as const);
const trouble: fc.Arbitrary<Trick> = fc.oneof(
  { arbitrary: when.map((at) => ({ kind: 'lose' as const, when: at })), weight: 6 },
  { arbitrary: when.map((at) => ({ kind: 'crash' as const, when: at })), weight: 6 },
  {
    arbitrary: fc
      .constantFrom('busy', 'server-error', 'not-storage', 'sign-in-expired')
      .map((code) => ({ kind: 'fail' as const, code })),
    weight: 4,
  },
  { arbitrary: fc.constant({ kind: 'drop-upload' as const }), weight: 2 },
);
const late: fc.Arbitrary<Trick> = fc
  .constantFrom(1, 3)
  .map((calls) => ({ kind: 'late' as const, calls }));
const troubleOf = (what: fc.Arbitrary<Trick>) =>
  fc.tuple(operation, what).map(([on, trick]) => {
    const detail = 'when' in trick ? ` ${trick.when}` : 'code' in trick ? ` ${trick.code}` : '';
    return command(`next ${on}: ${trick.kind}${detail}`, always, (world) => {
      world.addRule({ on, trick });
    });
  });
/** What only some calls can meet: a look that does not see yet, a completion that is none. */
const untruth = fc
  .constantFrom(
    { on: 'head', kind: 'blind' } as const,
    { on: 'completeUpload', kind: 'lie' } as const,
  )
  .map(({ on, kind }) =>
    command(`next ${on}: ${kind}`, always, (world) => world.addRule({ on, trick: { kind } })),
  );
const jumpClock = fc
  .constantFrom(-86_400_000, -900_000, 3_600_000, 86_400_000, -50 * 365 * 86_400_000)
  .map((byMs) =>
    command(`clock jumps by ${byMs / 1_000} s`, always, (world) => world.jumpClock(byMs)),
  );
const lifecycle = fc.constant(
  command('the storage drops unfinished uploads', always, async (world) => {
    for (const { key, id } of await world.bucket.unfinished())
      if (key !== FOREIGN_KEY) await world.remote.abortUpload(key, id, AbortSignal.timeout(50_000));
  }),
);

const sync = fc.constant(
  command('sync', always, async (world, model) => {
    const outcome = await world.sync();
    if (outcome instanceof AppError) model.trace.push(outcome.code);
    else model.trace.push(outcome);
  }),
);
const kill = fc.constant(command('kill', always, (world) => world.crash()));
const restart = fc.constant(
  command('quit and start', always, async (world) => {
    await world.stop();
    world.open();
  }),
);

/** What may happen to these files and around them. */
export function anyCommand(...names: readonly string[]): fc.Arbitrary<Command> {
  const name = fc.constantFrom(...names);
  const create = fc.tuple(name, size).map(([file, bytes]) =>
    command(`write ${file} (${bytes})`, always, (world, model) => {
      world.write(file, bytes);
      model.files.add(file);
    }),
  );
  const replace = fc
    .tuple(name, size)
    .map(([file, bytes]) =>
      command(`replace ${file} (${bytes})`, has(file), (world) => world.replace(file, bytes)),
    );
  const overwriteUnseen = fc
    .tuple(name, fc.boolean())
    .map(([file, isAnother]) =>
      command(
        `${isAnother ? 'replace' : 'overwrite'} ${file}, size and time put back`,
        has(file),
        (world) => world.overwriteUnseen(file, isAnother),
      ),
    );
  const rename = fc.tuple(name, name).map(([file, to]) =>
    command(
      `rename ${file} to ${to}`,
      (model) => model.files.has(file) && file !== to,
      (world, model) => {
        world.rename(file, to);
        model.files.delete(file);
        model.files.add(to);
      },
    ),
  );
  const renameFolder = fc
    .constantFrom(['week 1', 'week 2'] as const, ['week 2', 'week 1'] as const)
    .map(([from, to]) => {
      return command(
        `rename folder ${from} to ${to}`,
        ({ files }) => [...files].some(isIn(from)) && ![...files].some(isIn(to)),
        (world, model) => {
          world.renameFolder(from, to);
          for (const file of [...model.files].filter(isIn(from))) {
            model.files.delete(file);
            model.files.add(file.replace(from, to));
          }
        },
      );
    });
  const remove = name.map((file) =>
    command(`delete ${file}`, has(file), (world, model) => {
      world.remove(file);
      model.files.delete(file);
    }),
  );
  /** While a call of the engine is on its way, somebody writes into the folder. */
  const meanwhile = fc.tuple(operation, name, size).map(([on, file, bytes]) => {
    const what = `overwrite ${file} (${bytes})`;
    return command(`at the next ${on}: ${what}`, has(file), (world) =>
      world.addRule({
        on,
        trick: {
          kind: 'run',
          what,
          change: () => void (world.files.has(file) && world.write(file, bytes)),
        },
      }),
    );
  });

  return fc.oneof(
    { arbitrary: create, weight: 20 },
    { arbitrary: replace, weight: 5 },
    { arbitrary: overwriteUnseen, weight: 3 },
    { arbitrary: rename, weight: names.length > 1 ? 6 : 0 },
    { arbitrary: renameFolder, weight: names.length > 1 ? 3 : 0 },
    { arbitrary: remove, weight: 3 },
    { arbitrary: unplug, weight: 2 },
    { arbitrary: plugIn, weight: 4 },
    { arbitrary: troubleOf(trouble), weight: 24 },
    { arbitrary: meanwhile, weight: 8 },
    { arbitrary: jumpClock, weight: 3 },
    { arbitrary: lifecycle, weight: 2 },
    { arbitrary: sync, weight: 30 },
    { arbitrary: kill, weight: 6 },
    { arbitrary: restart, weight: 3 },
    // Which job has begun by then is chance: not for courses that have to be the same twice.
    ...(names.length > 1
      ? [
          { arbitrary: troubleOf(late), weight: 4 },
          { arbitrary: untruth, weight: 3 },
          { arbitrary: rights, weight: 4 },
          { arbitrary: classes, weight: 6 },
          { arbitrary: personal(...names), weight: 16 },
        ]
      : []),
  );
}
