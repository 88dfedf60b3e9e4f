import type { Reporter, TestCase, TestModule, Vitest } from 'vitest/node';

import { ffmpegMissing } from './ffmpeg.ts';
import { customServerMissing, realServerNames, type ServerState } from './real-servers.ts';

/**
 * Says at the end how many tests were skipped, and why: for each server by the server's name in the
 * title of the suite, else by what the test itself gave as its reason.
 */
export class SkipReporter implements Reporter {
  #vitest: Vitest | undefined;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const skipped = modules.flatMap((module) => [...module.children.allTests('skipped')]);
    const reasons = this.#reasons();
    const counts = new Map<string, number>();
    for (const test of skipped) {
      const why = whySkipped(test, reasons);
      counts.set(why, (counts.get(why) ?? 0) + 1);
    }
    for (const [why, count] of counts)
      console.log(`Skipped: ${count} ${count === 1 ? 'test' : 'tests'}, ${why}`);
  }

  #reasons(): Map<string, string> {
    const project = this.#vitest?.getRootProject();
    const states: Partial<Record<string, ServerState>> =
      project?.getProvidedContext().realServers ?? {};
    const reasons = new Map<string, string>();
    for (const name of realServerNames) {
      const state = states[name];
      if (state !== undefined && 'reason' in state) reasons.set(name, state.reason);
    }
    const custom = customServerMissing();
    if (custom !== undefined) reasons.set('custom', custom);
    return reasons;
  }
}

function whySkipped(test: TestCase, reasons: ReadonlyMap<string, string>): string {
  const words = new Set(test.fullName.split(/\W+/));
  for (const [server, reason] of reasons) if (words.has(server)) return `on ${server}: ${reason}`;
  const result = test.result();
  const note = result.state === 'skipped' ? result.note : undefined;
  return note ?? ffmpegMissing() ?? `without a reason given: ${test.fullName}`;
}
