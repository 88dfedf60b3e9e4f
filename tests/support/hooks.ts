/** @file Small hooks: real programs that write down what they are told. */
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** `$0.told` gets what it reads; `$0.runs` a line for each run. */
const behaviours = {
  well: 'cat >> "$0.told"',
  /** Ends without having read anything. */
  deaf: 'exit 0',
  broken: 'cat >> "$0.told"; echo "No such room" >&2; exit 3',
  hang: 'cat >> "$0.told"; sleep 600 & echo $! > "$0.child"; sleep 600',
  slow: 'echo $$ > "$0.pid"; cat >> "$0.told"; while [ ! -e "$0.go" ]; do sleep 0.05; done',
  nosy: 'cat >> "$0.told"; env > "$0.env"',
} as const;

/** @param folder Outside the watched ones. */
export async function makeHook(folder: string, behaviour: keyof typeof behaviours) {
  const path = join(folder, 'hook with a space');
  const becomes = (next: keyof typeof behaviours) =>
    writeFile(`${path}.does`, `${behaviours[next]}\n`);
  const read = (what: string) => readFile(`${path}.${what}`, 'utf8').catch(() => '');
  await becomes(behaviour);
  // Written once: a program that is being written cannot be started.
  await writeFile(path, '#!/bin/bash\necho run "$@" >> "$0.runs"\n. "$0.does"\n');
  await chmod(path, 0o755);
  const lines = async (what: string) => (await read(what)).split('\n').filter(Boolean);
  return {
    path,
    becomes,
    read,
    go: () => writeFile(`${path}.go`, ''),
    runs: () => lines('runs'),
    /** What it was told, in order. */
    told: async () =>
      (await lines('told')).map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}
