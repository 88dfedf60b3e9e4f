/** @file A person corrects the class of the folder, and sends what went to the former one to the new one, too. */
import * as fc from 'fast-check';
import { bioClass } from '../support/engine.ts';
import { command, type Command, type Model } from './command.ts';
import { untilHeard } from './person.ts';
import type { World } from './world.ts';

const never = new AbortController().signal;
const isConnected = (model: Model): boolean => model.isConnected;

async function correct(world: World, classId: string): Promise<void> {
  const { engine } = world.open();
  // What nobody has heard of yet may be in its former class already, and again if it goes back there.
  const proven = new Set(engine.jobs.list('verified', -1).map((job) => job.fingerprint?.sha256));
  const isAnother = world.folder()?.rule.classId !== classId;
  for (const { sha256 } of world.files.values())
    if (isAnother && !proven.has(sha256)) world.repeated.add(sha256);
  await untilHeard(world, engine.addFolder(world.root, { ...bioClass, classId }));
}

/** As the window does it. */
async function sendToo(world: World): Promise<void> {
  const { engine } = world.open();
  const { id, rule } = world.folder()!;
  const { classId, userId } = rule;
  const files = engine.jobs.storedElsewhere(id, `audio/${classId!}`);
  const paths = [...new Set(files.map(({ path }) => path))];
  if (paths.length === 0) return;
  const to = { kind: 'audio', classId: classId!, userId } as const;
  const taken = await untilHeard(world, engine.takeIn(paths, to, never));
  for (const [path, result] of taken ?? []) {
    const file = world.files.get(world.nameOf(path));
    if (typeof result === 'number' && file) world.sentToo.set(file.sha256, classId!);
  }
}

export const classes: fc.Arbitrary<Command> = fc.oneof(
  {
    arbitrary: fc
      .constantFrom('bio-101', 'chem-9')
      .map((classId) =>
        command(`the class is ${classId}`, isConnected, (world) => correct(world, classId)),
      ),
    weight: 3,
  },
  {
    arbitrary: fc.constant(command('send them to the new class, too', isConnected, sendToo)),
    weight: 2,
  },
);
