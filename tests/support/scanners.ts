/** @file Small scanners: real programs that do what a scanner may do. */
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export type Scanner = Readonly<{
  path: string;
  /** From its next start on. */
  becomes: (behaviour: keyof typeof behaviours) => Promise<void>;
  /** The files that it was asked about, in order, the harmless one left out. */
  asked: () => Promise<string[]>;
}>;

/** `$1` is an argument of the command, `$2` the file. What is sorted out first is our own trial. */
const behaviours = {
  clean: 'exit 0',
  /** As clamdscan does it, with colours and a line that would rewrite the one before it. */
  hit: `grep -q BAD "$2" || exit 0; printf '\\033[31m%s: Win.Test.EICAR_HDB-1 FOUND\\033[0m\\r\\n\\u202e\\n-----\\n' "$2"; exit 1`,
  crash: 'kill -SEGV $$',
  broken: 'echo "Could not connect to clamd" >&2; exit 2',
  hang: 'sleep 600 & sleep 600',
  flood: 'yes word | head -c 50000000; exit 1',
  /** It is slow, and the file is written to while it looks. */
  slow: 'echo begun >> "$0.begun"; while [ ! -e "$0.go" ]; do sleep 0.05; done; exit 0',
  /** It finds in its environment what signs requests. */
  nosy: 'env | grep -c AWS_ && exit 1; exit 0',
} as const;

/** @param folder Outside the watched ones. */
export async function makeScanner(
  folder: string,
  behaviour: keyof typeof behaviours,
): Promise<Scanner> {
  const path = join(folder, 'scanner with a space');
  const log = join(folder, 'asked');
  await writeFile(log, '');
  await writeFile(`${path}.does`, '');
  // Written once: a program that is being written cannot be started.
  await writeFile(
    path,
    `#!/bin/bash\n[[ "$2" == */harmless.txt ]] || printf '%s\\n' "$2" >> '${log}'\n[[ "$2" == */harmless.txt ]] && exit 0\n. "$0.does" "$@"\n`,
  );
  await chmod(path, 0o755);
  const becomes = (next: keyof typeof behaviours) =>
    writeFile(`${path}.does`, `${behaviours[next]}\n`);
  await becomes(behaviour);
  return {
    path,
    becomes,
    asked: async () => (await readFile(log, 'utf8')).split('\n').filter(Boolean),
  };
}
