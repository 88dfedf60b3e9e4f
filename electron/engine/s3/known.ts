/** @file What was found out about a storage: asked before a request is built, told after an answer. */
import type { AbilityName } from '#shared/abilities.ts';
import type { StorageSettings } from './storage-settings.ts';

export type Facts = Record<AbilityName, boolean> &
  Readonly<{
    /** Where the bucket is, where the settings say otherwise. */
    region: string;
    /** Whether signatures cover the path of the endpoint. */
    signsPrefix: boolean;
  }>;

/** Kept by whoever opens the storage, for this endpoint and bucket. */
export interface Known {
  /** `undefined` while nobody knows. */
  get<Name extends keyof Facts>(name: Name): Facts[Name] | undefined;
  set<Name extends keyof Facts>(name: Name, value: Facts[Name]): void;
}

/** What tells a storage from every other: its bucket and its address. */
export const placeOf = ({ bucket, endpoint }: Pick<StorageSettings, 'bucket' | 'endpoint'>) =>
  `${bucket} at ${endpoint ?? 'AWS'}`;

/** Known for as long as the storage is open, and no longer. */
export function unremembered(): Known {
  const facts: Partial<Facts> = {};
  return {
    get: (name) => facts[name],
    set: (name, value) => void (facts[name] = value),
  };
}
