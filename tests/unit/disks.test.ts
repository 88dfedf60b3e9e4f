import { describe, expect, test } from 'vitest';
import { ask, Silence } from '../../electron/engine/files/disks.ts';

let disks = 0;
/** A disk that nobody else asks, and a question whose answer is given when the test wants it. */
const disk = () => `disk ${(disks += 1)}`;
function open() {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let isAsked = false;
  return {
    question: () => {
      isAsked = true;
      return promise;
    },
    answer: resolve,
    refuse: reject,
    isAsked: () => isAsked,
  };
}
/** In a directory that nobody has looked into. */
const newFile = () => `/share/${disk()}/a.mp3`;
const soon = { limitMs: 30 };
function wrong(): Promise<never> {
  throw new Error('The database connection is not open');
}

describe('a disk', () => {
  test('that answers is told the answer, or the error', async () => {
    const name = disk();
    await expect(ask(name, () => Promise.resolve('here'))).resolves.toBe('here');
    await expect(ask(name, () => Promise.reject(new Error('EIO')))).rejects.toThrow('EIO');
  });

  test('is free again after a question that went wrong before it was asked', async () => {
    const name = disk();
    for (let times = 0; times < 3; times += 1)
      await expect(ask(name, wrong)).rejects.toThrow('not open');
    await expect(ask(name, () => Promise.resolve('here'))).resolves.toBe('here');
  });

  test('that does not answer is silent, to those who wait their turn and to those who come, until it has answered', async () => {
    const name = disk();
    const [first, second, third] = [open(), open(), open()];
    const asked = [first, second].map(({ question }) => ask(name, question, soon));
    const waiting = ask(name, third.question);
    const all = await Promise.allSettled([...asked, waiting]);
    expect(all.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(third.isAsked()).toBe(false); // A third thread would be lost to it, too.
    await expect(ask(name, third.question)).rejects.toBeInstanceOf(Silence);
    await expect(ask(disk(), () => Promise.resolve('another'))).resolves.toBe('another');
    first.answer('late');
    await expect(ask(name, third.question)).rejects.toBeInstanceOf(Silence);
    second.refuse(new Error('late'));
    await expect.poll(() => ask(name, () => Promise.resolve('back')).catch(String)).toBe('back');
  });

  test('that is busy is waited for, two questions at a time', async () => {
    const name = disk();
    const questions = [open(), open(), open()];
    const answers = questions.map(({ question }) => ask(name, question));
    await Promise.resolve();
    expect(questions.map(({ isAsked }) => isAsked())).toEqual([true, true, false]);
    questions[0]!.answer('first');
    await expect(answers[0]).resolves.toBe('first');
    await expect.poll(() => questions[2]!.isAsked()).toBe(true);
    for (const { answer } of questions) answer('later');
    await expect(Promise.all(answers)).resolves.toEqual(['first', 'later', 'later']);
  });

  test('that nobody waits for any more is left alone, also by who waits for a turn', async () => {
    const name = disk();
    const [first, second, third] = [open(), open(), open()];
    const leaving = new AbortController();
    const { signal } = leaving;
    const asked = [first, second, third].map(({ question }) => ask(name, question, { signal }));
    leaving.abort(new Error('enough'));
    const all = await Promise.allSettled(asked);
    expect(all.map((one) => one.status === 'rejected' && String(one.reason))).toEqual(
      Array.from({ length: 3 }, () => 'Error: enough'),
    );
    expect(third.isAsked()).toBe(false);
    for (const { answer } of [first, second]) answer('late');
    await expect.poll(() => ask(name, () => Promise.resolve('free')).catch(String)).toBe('free');
  });
});

test('new files of many directories of a disk that hangs leave a thread to the other disks', async () => {
  const many = Array.from({ length: 4 }, open);
  const asked = many.map(({ question }) => ask(newFile(), question, soon));
  const known = [open(), open()];
  const name = disk();
  const askedAs = known.map(({ question }) => ask(name, question, soon));
  await Promise.resolve();
  expect([...many, ...known].filter(({ isAsked }) => isAsked())).toHaveLength(3);
  const all = await Promise.allSettled([...asked, ...askedAs]);
  expect(all.map((one) => one.status === 'rejected' && one.reason)).toEqual(
    Array.from({ length: 6 }, () => expect.any(Silence)),
  );
  await expect(ask(disk(), () => Promise.resolve('another'))).resolves.toBe('another');
  await expect(ask(newFile(), () => Promise.resolve('here'))).rejects.toBeInstanceOf(Silence);
  for (const { answer } of [...many, ...known]) answer('late');
  await expect.poll(() => ask(newFile(), () => Promise.resolve('here')).catch(String)).toBe('here');
});

test('a new file of a disk that answers is looked at while one of a disk that hangs is waited for', async () => {
  const hung = open();
  const path = newFile();
  await expect(ask(path, hung.question, soon)).rejects.toBeInstanceOf(Silence);
  await expect(ask(path, () => Promise.resolve('here'))).rejects.toBeInstanceOf(Silence);
  await expect(ask(newFile(), () => Promise.resolve('here'))).resolves.toBe('here');
  hung.answer('late');
});

test('while two disks hang, files of others are looked at by their paths', async () => {
  const hung = [open(), open()];
  const asked = hung.map(({ question }) => ask(newFile(), question, soon));
  for (const one of asked) await expect(one).rejects.toBeInstanceOf(Silence);
  await expect(ask(newFile(), () => Promise.resolve('here'))).resolves.toBe('here');
  for (const { answer } of hung) answer('late');
});

test('while all threads but the last are lost to disks that hang, a new file is not waited for', async () => {
  const name = disk();
  const hung = [open(), open(), open()];
  const path = newFile();
  const asked = hung.map(({ question }, i) => ask(i === 0 ? path : name, question, soon));
  await Promise.allSettled(asked);
  await expect(ask(newFile(), () => Promise.resolve('here'))).rejects.toBeInstanceOf(Silence);
  await expect(ask(disk(), () => Promise.resolve('another'))).resolves.toBe('another');
  for (const { answer } of hung) answer('late');
  await expect.poll(() => ask(path, () => Promise.resolve('here')).catch(String)).toBe('here');
});
