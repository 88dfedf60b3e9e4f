/** @file A home that is started again and again, whatever was done to it in between. */
import type { Database } from 'better-sqlite3';
import { vi } from 'vitest';
import { openEngine } from '../../electron/engine/engine.ts';
import { lockHome } from '../../electron/engine/home/home.ts';
import { recoveryFacts } from '../../electron/engine/home/recovery-record.ts';
import type { Remote } from '../../electron/engine/s3/remote.ts';
import { objectFileOf } from '../../electron/engine/store/object-file.ts';
import { recoveryText } from '../../shared/recovery.ts';
import { openRemote, type Counted } from './engine.ts';

/** How often all objects of an owner were read for one that no job is known for. */
function countOwnerReads(ledger: Database): () => number {
  const database = objectFileOf(ledger).read((index) => index);
  const spies: { mock: { calls: unknown[] } }[] = [];
  const prepare = database.prepare.bind(database);
  vi.spyOn(database, 'prepare').mockImplementation((sql) => {
    const statement = prepare(sql);
    if (sql.includes('INDEXED BY objects_by_owner')) spies.push(vi.spyOn(statement, 'all'));
    return statement;
  });
  return () => spies.reduce((sum, { mock }) => sum + mock.calls.length, 0);
}

/** One start of the engine on a locked home; `wrap` stands between it and the storage. */
export function start(access: Counted, homePath: string, wrap = (remote: Remote) => remote) {
  const home = lockHome({ path: homePath });
  const reads = countOwnerReads(home.database);
  const plain = openRemote(access);
  const engine = openEngine({
    database: home.database,
    homePath,
    remote: wrap(plain),
    clientVersion: 'test',
    quietMs: 50,
    rescanMs: 60_000,
    nowMs: Date.now,
    monotonicMs: () => performance.now(),
    random: () => 0,
    log: () => {},
  });
  return {
    engine,
    home,
    remote: plain,
    reads,
    told: () => {
      const facts = recoveryFacts(home.database);
      return facts && recoveryText(facts);
    },
    states: () => engine.jobs.list(undefined, -1).map(({ state }) => state.kind),
    [Symbol.asyncDispose]: async () => {
      await engine.stop();
      home.close();
      plain.close();
    },
  };
}
