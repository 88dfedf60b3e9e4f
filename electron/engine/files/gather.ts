/** @file Questions that are asked one by one, put many at a time. */

/** While one is answered the next is on its way. */
const ABREAST = 2;

/**
 * @param most   How many of those that wait, in their order, go together; one at least.
 * @param putAll Answers the first of its questions, one at least: the others are put again.
 * @returns What asks one, together with all that are asked in the same turn of the event loop.
 */
export function gather<Question, Answer>(
  most: (waiting: readonly Question[]) => number,
  putAll: (questions: readonly Question[]) => Promise<readonly Answer[]>,
): (question: Question) => Promise<Answer> {
  const waiting: Question[] = [];
  const answers: PromiseWithResolvers<Answer>[] = [];
  let underWay = 0;
  let isDue = false;

  function fill(): void {
    isDue = false;
    while (waiting.length > 0 && underWay < ABREAST) {
      const number = most(waiting);
      void put(waiting.splice(0, number), answers.splice(0, number));
    }
  }

  async function put(
    questions: readonly Question[],
    asked: readonly PromiseWithResolvers<Answer>[],
  ): Promise<void> {
    underWay += 1;
    try {
      const given = await putAll(questions);
      for (const [i, answer] of given.entries()) asked[i]?.resolve(answer);
      waiting.unshift(...questions.slice(given.length));
      answers.unshift(...asked.slice(given.length));
    } catch (error) {
      for (const { reject } of asked) reject(error);
    }
    underWay -= 1;
    fill();
  }

  return (question) => {
    const answer = Promise.withResolvers<Answer>();
    waiting.push(question);
    answers.push(answer);
    if (!isDue) setImmediate(fill);
    isDue = true;
    return answer.promise;
  };
}
