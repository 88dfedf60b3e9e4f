/** @file What a command of the model is: it does something, and then every promise is looked at. */
import * as fc from 'fast-check';
import { broken } from './invariants.ts';
import type { World } from './world.ts';

/** The world is the real thing and holds the little that the model needs; the trace is what two runs must share. */
export type Model = { files: Set<string>; isConnected: boolean; trace: string[] };
export type Command = fc.AsyncCommand<Model, World>;

/** Does something, then looks whether every promise still holds. */
export function command(
  text: string,
  check: (model: Model) => boolean,
  act: (world: World, model: Model) => void | Promise<void>,
): Command {
  return {
    toString: () => text,
    check,
    async run(model, world) {
      model.trace.push(text);
      await act(world, model);
      const failures = await broken(world);
      if (failures.length > 0) throw new Error(failures.join('\n'));
    },
  };
}

export const small = fc.constantFrom(1, 1_000, 70_000);
export const has = (file: string) => (model: Model) => model.files.has(file);
