/** @file Promise: no trouble makes a hot loop. An hour of each, its requests counted; the waiting is skipped. */
import { expect, test } from 'vitest';
import type { Action } from '../support/fault-actions.ts';
import { chance } from '../disk/tools.ts';
import { refusal, signIn } from './answers.ts';
import { openStage, SMALL } from './stage.ts';

const MINUTE_MS = 60_000;
const FILES = 6;

/**
 * Requests in the worst minute and in the hour. One file asks for all when the storage is in trouble, at
 * growing intervals up to a quarter of an hour, or once a minute where a person has to act. When only the
 * files fail, each has such intervals of its own. A try is a few requests: a look, an upload, and what
 * the client itself makes again. (The pauses of a busy storage are real ones: `unit/throttle`.)
 */
const troubles: readonly [name: string, action: Action, inMinute: number, inHour: number][] = [
  ['no network', { kind: 'resetAfter', bytes: 0 }, 60, 120],
  ['a sign-in page', signIn(200), 60, 120],
  ['a storage that fails', refusal(500, 'InternalError'), 40 * FILES, 80 * FILES],
  ['keys that have ended', refusal(400, 'ExpiredToken'), 8 * FILES, 300],
  ['a bucket that is gone', refusal(404, 'NoSuchBucket'), 8 * FILES, 300],
  ['an account that may not', refusal(403, 'AccessDenied'), 8 * FILES, 8 * FILES],
];

test.each(troubles)(
  'an hour of %s costs few requests, and all is sent when it is over',
  async (_, action, inMinute, inHour) => {
    const random = chance(14);
    await using stage = await openStage({ random: () => random(1_000) / 1_000 });
    const { engine } = stage.app;
    for (let n = 0; n < FILES; n += 1) await stage.write(`${n}.mp3`, SMALL);
    stage.proxy.add({ action });
    await stage.start();
    await expect.poll(() => stage.jobs().length, { timeout: 30_000 }).toBe(FILES);
    const startMs = stage.nowMs();
    const minutes = Array.from({ length: 60 }, () => 0);
    for (;;) {
      await engine.queue.idle(0, AbortSignal.timeout(60_000)).catch(() => {});
      const asked = stage.proxy.log.length - minutes.reduce((sum, count) => sum + count, 0);
      const minute = Math.floor((stage.nowMs() - startMs) / MINUTE_MS);
      if (minute >= 60) break;
      minutes[minute]! += asked;
      expect(minutes[minute]).toBeLessThanOrEqual(inMinute);
      stage.pass(Math.max(1, untilNextMs() + 1));
    }
    const inAll = minutes.reduce((sum, count) => sum + count, 0);
    expect(inAll).toBeGreaterThan(0);
    expect(inAll).toBeLessThanOrEqual(inHour);

    stage.proxy.heal();
    engine.decisions.retry({ ids: [] });
    stage.later(MINUTE_MS * 60);
    await stage.verified();
    await stage.audit();

    /** How long nothing is to be done: an hour when a person has to act first. */
    function untilNextMs(): number {
      const next = Math.max(
        engine.jobs.nextStartMs() ?? Infinity,
        engine.queue.trouble?.nextTryAtMs ?? -Infinity,
      );
      return Math.min(next - stage.nowMs(), 60 * MINUTE_MS);
    }
  },
  120_000,
);
