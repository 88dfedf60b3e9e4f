/** @file Notices a delete that happens while a conditional write of the same key is on its way. */

interface ConditionalWrite {
  /** True once the key was deleted after this write began: it must then answer 409, not succeed. */
  readonly deleted: boolean;
  end(): void;
}

export interface Conflicts {
  begin(bucket: string, key: string): ConditionalWrite;
  noteDelete(bucket: string, key: string): void;
}

export function trackConflicts(): Conflicts {
  const writes = new Map<string, Set<{ deleted: boolean }>>();
  return {
    begin: (bucket, key) => {
      const name = `${bucket}/${key}`;
      const mine = { deleted: false };
      const others = writes.get(name) ?? new Set();
      writes.set(name, others.add(mine));
      return {
        get deleted() {
          return mine.deleted;
        },
        end: () => {
          others.delete(mine);
          if (others.size === 0 && writes.get(name) === others) writes.delete(name);
        },
      };
    },
    noteDelete: (bucket, key) => {
      for (const write of writes.get(`${bucket}/${key}`) ?? []) write.deleted = true;
    },
  };
}
