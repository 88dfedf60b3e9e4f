/** @file A thread for what is done in a row: going to one of Node's and back costs many times a single look at a file. */
import { Worker, type Transferable } from 'node:worker_threads';

export type Reply<Answer> = Readonly<{ answer: Answer; transfer?: readonly Transferable[] }>;

export type Thread<Question, Answer> = Readonly<{
  /** Answers come in the order of asking. @throws Error when the thread has ended before it answered. */
  ask: (question: Question, transfer?: readonly Transferable[]) => Promise<Answer>;
  /** What is not answered yet never is: those questions fail. */
  end: () => void;
}>;

/** What it works with is outside of its heap, which takes 2 MiB less of the system for this. */
const LIMITS = { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 32 };

/**
 * @param serve  Makes, of the named modules and then of `values`, what answers a question. It goes to the
 *   thread as text: nothing around it is known there.
 * @param onEnd  It cannot be asked any more.
 */
export function startThread<Question, Answer>(
  serve: (...given: never[]) => (question: Question) => Reply<Answer>,
  modules: readonly string[],
  values: readonly (number | string)[],
  onEnd: () => void,
): Thread<Question, Answer> {
  // As text: a file of its own would have to be found from source, from the bundle and in the app's archive.
  const given = [
    ...modules.map((name) => `require('node:${name}')`),
    ...values.map((value) => JSON.stringify(value)),
  ];
  const code = `const { parentPort } = require('node:worker_threads');
    const reply = (${serve.toString()})(${given.join(', ')});
    parentPort.on('message', (question) => {
      const { answer, transfer } = reply(question);
      parentPort.postMessage(answer, transfer);
    });`;
  const worker = new Worker(code, { eval: true, execArgv: [], env: {}, resourceLimits: LIMITS });
  const asked: PromiseWithResolvers<Answer>[] = [];
  let failure: unknown;
  let isOver = false;
  // Idle, it keeps no program from ending.
  worker.unref();
  worker.on('message', (answer: Answer) => {
    asked.shift()?.resolve(answer);
    if (asked.length === 0) worker.unref();
  });
  worker.on('error', (error) => (failure = error));
  // One that is ended while a disk owes it an answer is there until the disk gives it.
  worker.on('exit', () => {
    isOver = true;
    onEnd();
    for (const { reject } of asked.splice(0)) reject(failure ?? ended());
  });
  return {
    ask(question, transfer = []) {
      if (isOver) return Promise.reject(failure ?? ended());
      const answer = Promise.withResolvers<Answer>();
      try {
        worker.postMessage(question, transfer);
      } catch (error) {
        return Promise.reject(error); // Nothing will be answered: no other question's answer is taken for it.
      }
      if (asked.push(answer) === 1) worker.ref();
      return answer.promise;
    },
    end: () => void worker.terminate(),
  };
}

const ended = () => new Error('The thread was ended');
