/** @file Between engine and storage: writes down each call, and does to chosen calls what a bad day would do. */
import { AppError } from '../../shared/errors.ts';
import type { Remote } from '../../electron/engine/s3/remote.ts';

export const operations = [
  'putObject',
  'createUpload',
  'putPart',
  'listParts',
  'completeUpload',
  'abortUpload',
  'head',
  'deleteObject',
  'removeMarker',
] as const;
type Operation = (typeof operations)[number];

/** What happens to a call. `before`: the storage never hears of it. `after`: it has done it, and nobody hears. */
export type Trick =
  | Readonly<{ kind: 'crash'; when: 'before' | 'after' }>
  | Readonly<{ kind: 'lose'; when: 'before' | 'after' }>
  | Readonly<{ kind: 'fail'; code: 'busy' | 'server-error' | 'not-storage' | 'sign-in-expired' }>
  | Readonly<{ kind: 'drop-upload' }>
  | Readonly<{ kind: 'run'; what: string; change: () => void }>;

/** One trick, for one call of one kind; then it is spent. */
export type Rule = Readonly<{ on: Operation; trick: Trick }>;

export type Port = Readonly<{
  wrap: (remote: Remote) => Remote;
  rules: Rule[];
  /** Every call with its outcome, in order. */
  calls: string[];
  /** What has really been done to the calls, counted for the figures. */
  tricks: Map<string, number>;
  /** Nothing passes any more, in either direction: what a killed process would send or hear. */
  cut: () => void;
}>;

/** A dead process hears no answers; an error lets what is left of it close its files. */
const silence = (): Promise<never> => Promise.reject(new Error('This engine was killed'));
const nothing = (): Promise<void> => Promise.resolve();

/** @param onCrash Called in the very tick of the crash, before anything else can run. */
export function createPort(onCrash: () => void): Port {
  const rules: Rule[] = [];
  const calls: string[] = [];
  const tricks = new Map<string, number>();
  let isCut = false;

  function take(operation: Operation): Trick | undefined {
    const at = rules.findIndex(({ on }) => on === operation);
    if (at < 0) return undefined;
    const [{ trick }] = rules.splice(at, 1) as [Rule];
    const name = 'when' in trick ? `${trick.kind} ${trick.when}` : trick.kind;
    tricks.set(name, (tricks.get(name) ?? 0) + 1);
    return trick;
  }

  async function pass<T>(
    operation: Operation,
    act: () => Promise<T>,
    dropUpload: () => Promise<void>,
  ): Promise<T> {
    if (isCut) return silence();
    const trick = take(operation);
    if (trick?.kind === 'crash' && trick.when === 'before') onCrash();
    if (isCut) return silence();
    if (trick?.kind === 'lose' && trick.when === 'before') throw new AppError('offline');
    if (trick?.kind === 'fail') throw new AppError(trick.code);
    if (trick?.kind === 'drop-upload') await dropUpload();
    if (trick?.kind === 'run') trick.change();
    const result = await act().catch((error: unknown) => {
      calls.push(`${operation} ${error instanceof AppError ? error.code : 'failed'}`);
      throw error;
    });
    if (isCut) return silence();
    calls.push(operation);
    if (trick?.kind === 'crash') {
      onCrash();
      return silence();
    }
    if (trick?.kind === 'lose') throw new AppError('offline');
    return result;
  }

  const wrap = (remote: Remote): Remote => {
    const drop = (key: string, id: string) => () =>
      remote.abortUpload(key, id, AbortSignal.timeout(50_000));
    return {
      ...remote,
      putObject: (...a) => pass('putObject', () => remote.putObject(...a), nothing),
      createUpload: (...a) => pass('createUpload', () => remote.createUpload(...a), nothing),
      putPart: (...a) => pass('putPart', () => remote.putPart(...a), drop(a[0], a[1])),
      listParts: (...a) => pass('listParts', () => remote.listParts(...a), drop(a[0], a[1])),
      completeUpload: (...a) =>
        pass('completeUpload', () => remote.completeUpload(...a), drop(a[0], a[1])),
      abortUpload: (...a) => pass('abortUpload', () => remote.abortUpload(...a), nothing),
      head: (...a) => pass('head', () => remote.head(...a), nothing),
      deleteObject: (...a) => pass('deleteObject', () => remote.deleteObject(...a), nothing),
      removeMarker: (...a) => pass('removeMarker', () => remote.removeMarker(...a), nothing),
    };
  };
  return { wrap, rules, calls, tricks, cut: () => void (isCut = true) };
}
