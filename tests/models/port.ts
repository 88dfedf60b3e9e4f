/** @file Between engine and storage: writes down each call, and does to chosen calls what a bad day would do. */
import { AppError } from '../../shared/errors.ts';
import { bytesOf, type Body } from '../../electron/engine/s3/body.ts';
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
export type Operation = (typeof operations)[number];

/** What happens to a call. `before`: the storage never hears of it. `after`: it has done it, and nobody hears. */
export type Trick =
  | Readonly<{ kind: 'crash'; when: 'before' | 'after' }>
  | Readonly<{ kind: 'lose'; when: 'before' | 'after' }>
  | Readonly<{ kind: 'fail'; code: 'busy' | 'server-error' | 'not-storage' | 'sign-in-expired' }>
  | Readonly<{ kind: 'drop-upload' }>
  /** The client gives up; the storage hears of it only after some more calls. */
  | Readonly<{ kind: 'late'; calls: number }>
  /** A storage of many machines does not show yet what it took. */
  | Readonly<{ kind: 'blind' }>
  /** It says that it has done it, and has not. */
  | Readonly<{ kind: 'lie' }>
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
const patience = (): AbortSignal => AbortSignal.timeout(50_000);
/** Those that name an upload, which the storage may have dropped. */
const ofUpload: ReadonlySet<Operation> = new Set(['putPart', 'listParts', 'completeUpload']);

/** What is still on its way to the storage, whoever sent it and whatever became of that one. */
export type Late = { calls: number; act: () => Promise<unknown> }[];

/** Lets what is due by now arrive. */
export async function arrive(late: Late, calls = Infinity): Promise<void> {
  for (const one of late) one.calls -= calls;
  const due = late.filter((one) => one.calls <= 0);
  late.splice(0, late.length, ...late.filter((one) => one.calls > 0));
  for (const { act } of due) await act().catch(() => {});
}

/**
 * @param onCrash Called in the very tick of the crash, before anything else can run.
 * @param denied What the account may not do now.
 */
export function createPort(onCrash: () => void, late: Late, denied: ReadonlySet<Operation>): Port {
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

  async function pass(remote: Remote, operation: Operation, args: unknown[]): Promise<unknown> {
    const act = (given: unknown[]) =>
      Reflect.apply(remote[operation], remote, given) as Promise<unknown>;
    if (isCut) return silence();
    if (denied.has(operation)) throw new AppError('access-denied', operation);
    const trick = take(operation);
    if (trick?.kind === 'crash' && trick.when === 'before') onCrash();
    if (isCut) return silence();
    if (trick?.kind === 'lose' && trick.when === 'before') throw new AppError('offline');
    if (trick?.kind === 'fail') throw new AppError(trick.code);
    if (trick?.kind === 'drop-upload' && ofUpload.has(operation))
      await remote.abortUpload(args[0] as string, args[1] as string, patience());
    if (trick?.kind === 'run') trick.change();
    if (trick?.kind === 'late') {
      const given = await Promise.all(args.map(asSent));
      late.push({ calls: trick.calls, act: () => act(given) });
      throw new AppError('offline');
    }
    if (trick?.kind === 'blind' || trick?.kind === 'lie') return undefined;
    const result = await act(args).catch((error: unknown) => {
      calls.push(`${operation} ${error instanceof AppError ? error.code : 'failed'}`);
      throw error;
    });
    if (isCut) return silence();
    calls.push(operation);
    await arrive(late, 1);
    if (isCut) return silence();
    if (trick?.kind === 'crash') {
      onCrash();
      return silence();
    }
    if (trick?.kind === 'lose') throw new AppError('offline');
    return result;
  }

  const wrap = (remote: Remote): Remote => {
    const each = operations.map((name) => {
      const call = (...args: unknown[]): Promise<unknown> => pass(remote, name, args);
      return [name, call];
    });
    return { ...remote, ...(Object.fromEntries(each) as Pick<Remote, Operation>) };
  };
  return { wrap, rules, calls, tricks, cut: () => void (isCut = true) };
}

/** Its buffers are used again, and nobody who waited for it calls it off any more. */
async function asSent(arg: unknown): Promise<unknown> {
  if (arg instanceof AbortSignal) return patience();
  const isBody = arg instanceof Uint8Array || (typeof arg === 'object' && 'bytes' in arg!);
  return isBody ? Buffer.from(await bytesOf(arg as Body)) : arg;
}
