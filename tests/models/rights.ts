/** @file Rights that the account loses, and has again. */
import * as fc from 'fast-check';
import { command, type Command } from './command.ts';
import { isTwice } from './invariants.ts';
import { operations, type Operation } from './port.ts';
import type { World } from './world.ts';

/**
 * What an account that may not look cannot see it sends, rather than lose it. Once it may again, what is there
 * twice by then may stay so, and what is yet to be proven may come to be.
 */
export async function mayAgain(world: World, on: Operation): Promise<void> {
  if (!world.denied.delete(on) || on !== 'head') return;
  const jobs = world.open().engine.jobs.list(undefined, -1);
  const open = jobs.filter(({ state }) => state.kind !== 'verified');
  const unproven = new Set(open.map(({ fingerprint }) => fingerprint?.sha256));
  const known = new Set(jobs.map(({ fingerprint }) => fingerprint?.sha256));
  const objects = [...(await world.bucket.objects()).values()];
  for (const sha256 of world.closed.keys())
    if (!known.has(sha256) || unproven.has(sha256)) world.repeated.add(sha256);
  for (const held of objects) if (isTwice(held, objects)) world.repeated.add(held.sha256);
}

export const rights: fc.Arbitrary<Command> = fc
  .tuple(fc.constantFrom(...operations), fc.boolean())
  .map(([on, isDenied]) =>
    command(
      `the account may ${isDenied ? 'not' : 'again'} ${on}`,
      () => true,
      async (world) => {
        if (isDenied) world.denied.add(on);
        else await mayAgain(world, on);
      },
    ),
  );
