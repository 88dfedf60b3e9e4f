/** @file What a storage can do beyond the least that uploads need, and what follows where it cannot. */

/** `without`: a sentence for people; empty where nothing depends on it. */
export const abilityTerms = {
  checksums: {
    title: 'Checks what arrives by our checksums',
    without: 'What is sent is checked on its way by an MD5 sum instead.',
  },
  fullObjectChecksum: {
    title: 'Keeps a checksum of the whole file',
    without:
      'This storage cannot confirm checksums of whole files: recordings are checked by downloading them again, which takes longer and costs traffic.',
  },
  conditionalWrites: {
    title: 'Never writes over what is there',
    without: 'Nothing is overwritten all the same: each key is new and is looked up first.',
  },
  conditionalCompletes: {
    title: 'Nor when it comes in parts',
    without: 'Each key is looked up again before a large recording is put together.',
  },
  objectSize: {
    title: 'Compares the size of what came in parts',
    without: 'The size is compared afterwards.',
  },
  listParts: {
    title: 'Lists the parts that arrived',
    without: 'An upload goes on from this computer’s own list of parts.',
  },
  md5Etags: { title: 'ETags are MD5 sums', without: 'Nothing here depends on them.' },
  versioning: { title: 'Can keep old versions', without: '' },
  pathStyle: {
    title: 'Path-style addresses',
    without: 'The bucket is part of the host’s name.',
  },
} as const satisfies Record<string, Readonly<{ title: string; without: string }>>;

export type AbilityName = keyof typeof abilityTerms;
export const abilityNames = Object.keys(abilityTerms) as [AbilityName, ...AbilityName[]];

/** `note`: what follows from it, or why it is not known. */
export type Ability = Readonly<{ value: boolean | 'unknown'; note?: string }>;
export type Abilities = Readonly<Record<AbilityName, Ability>>;

export function ability(name: AbilityName, value: boolean): Ability {
  const { without } = abilityTerms[name];
  return value || without === '' ? { value } : { value, note: without };
}

export function unknownAbility(note: string): Ability {
  return { value: 'unknown', note };
}

/** All of them, for want of an answer. */
export function unknownAbilities(note: string): Abilities {
  return Object.fromEntries(abilityNames.map((name) => [name, unknownAbility(note)])) as Abilities;
}
