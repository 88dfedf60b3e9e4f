/** @file What a network can do to a request or an answer, as filters over their bytes. */
import { setTimeout as delay } from 'node:timers/promises';

type Side = 'request' | 'response';
type Direction = { of?: Side };

/** Bytes count from the start of the body. Where a direction may be given, it is the request's unless told. */
export type Action =
  /** Waits before the request goes on, ±`jitterMs`. */
  | { kind: 'latency'; ms: number; jitterMs?: number }
  | ({ kind: 'rate'; bytesPerSecond: number } & Direction)
  /** The answer comes in pieces of so many bytes. */
  | { kind: 'slice'; bytes: number }
  /** Nothing moves any more after so many bytes, and nobody hangs up. */
  | ({ kind: 'stallAfter'; bytes: number } & Direction)
  | ({ kind: 'resetAfter'; bytes: number } & Direction)
  /** The storage does what it was asked to, and its answer is lost. */
  | { kind: 'dropResponse' }
  /** Something else answers. `forward`: the storage gets the request all the same. */
  | {
      kind: 'replaceResponse';
      status: number;
      headers?: Record<string, string>;
      body?: string;
      forward?: boolean;
    }
  | { kind: 'appendBody'; text: string }
  | ({ kind: 'flipBit'; at: number } & Direction)
  /** The storage gets the request twice; the client hears the first answer, and the copy arrives `laterMs` after it. */
  | { kind: 'duplicateRequest'; laterMs?: number | undefined }
  /** Answers, and then hangs up on a connection that the client keeps. */
  | { kind: 'closeIdle' }
  /** An interim answer comes first. */
  | { kind: 'interim'; status: 102 | 103 }
  /** Calls `run` once so many bytes of the body, or the whole answer from the storage, have come. */
  | ({ kind: 'call'; bytes: number; run: () => void | Promise<void> } & Direction);

export class Reset extends Error {}

type Bytes = AsyncIterable<Buffer>;
type Kind = Action['kind'];
type Of<K extends Kind> = Extract<Action, { kind: K }>;

/** Applies to a body what `actions` say about it. */
export function filtered(
  source: Bytes,
  actions: readonly Action[],
  side: Side,
  signal: AbortSignal,
): Bytes {
  return actions
    .filter((action) => sideOf(action) === side)
    .reduce((body, action) => {
      const filter = filters[action.kind] as Filter<Kind> | undefined;
      return filter ? filter(body, action, signal) : body;
    }, source);
}

function sideOf(action: Action): Side {
  if (action.kind === 'slice' || action.kind === 'appendBody') return 'response';
  return ('of' in action ? action.of : undefined) ?? 'request';
}

type Filter<K extends Kind> = (source: Bytes, action: Of<K>, signal: AbortSignal) => Bytes;

const filters: { [K in Kind]?: Filter<K> } = {
  async *rate(source, { bytesPerSecond }, signal) {
    for await (const chunk of source)
      for (const piece of pieces(chunk, Math.max(1, Math.ceil(bytesPerSecond / 20)))) {
        await delay((piece.length / bytesPerSecond) * 1_000, undefined, { signal });
        yield piece;
      }
  },
  async *slice(source, { bytes }, signal) {
    for await (const chunk of source)
      for (const piece of pieces(chunk, bytes)) {
        yield piece;
        await delay(1, undefined, { signal });
      }
  },
  stallAfter: (source, { bytes }, signal) =>
    at(source, bytes, () => {
      const { promise, reject } = Promise.withResolvers<void>();
      signal.addEventListener('abort', () => reject(new Reset()), { once: true });
      return promise;
    }),
  resetAfter: (source, { bytes }) => at(source, bytes, () => Promise.reject(new Reset())),
  call: (source, { bytes, run }) => at(source, bytes, async () => run()),
  async *flipBit(source, { at: place }) {
    let passed = 0;
    for await (const chunk of source) {
      const i = place - passed;
      passed += chunk.length;
      const copy = Buffer.from(chunk);
      if (i >= 0 && i < copy.length) copy[i]! ^= 1;
      yield copy;
    }
  },
  async *appendBody(source, { text }) {
    yield* source;
    yield Buffer.from(text);
  },
};

/** Lets `bytes` bytes pass, then waits for `happen` before the rest. */
async function* at(source: Bytes, bytes: number, happen: () => Promise<void>): Bytes {
  let passed = 0;
  let isDue = true;
  for await (const chunk of source) {
    const rest = bytes - passed;
    passed += chunk.length;
    if (!isDue || passed < bytes) {
      yield chunk;
      continue;
    }
    isDue = false;
    yield chunk.subarray(0, rest);
    await delay(5); // They are to be on their way, or the other side never sees them.
    await happen();
    yield chunk.subarray(rest);
  }
  if (isDue && passed >= bytes) await happen();
}

function* pieces(chunk: Buffer, bytes: number): Generator<Buffer> {
  for (let i = 0; i < chunk.length; i += bytes) yield chunk.subarray(i, i + bytes);
}
