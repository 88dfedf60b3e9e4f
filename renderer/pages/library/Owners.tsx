import type { ApiOutput } from '#shared/api.ts';
import { count, formatBytes } from '#shared/format.ts';
import { useIsNarrow } from '../../hooks/useMediaQuery.ts';
import { kindWords } from '../../words/places.ts';

type OwnerTotal = ApiOutput<'listOwners'>[number];
export type Owner = Pick<OwnerTotal, 'kind' | 'ownerId'>;

export const sameOwner = (a: Owner, b: Owner): boolean =>
  a.kind === b.kind && a.ownerId === b.ownerId;

const ownerName = ({ ownerId }: Owner): string => ownerId ?? 'Not from Pan-Sea Sync';
const ownerKey = ({ kind, ownerId }: Owner): string => `${kind ?? ''}/${ownerId ?? ''}`;
const groupName = (kind: Owner['kind']): string => (kind ? kindWords[kind].many : 'Other objects');

type Props = Readonly<{
  owners: readonly OwnerTotal[];
  /** `undefined` while something is searched for, in all of them. */
  current: Owner | undefined;
  onChoose: (owner: Owner) => void;
}>;

/** The classes, then the users, with how much each holds. */
export function Owners({ owners, current, onChoose }: Props) {
  const isNarrow = useIsNarrow();
  const groups = Map.groupBy(owners, ({ kind }) => kind);
  if (isNarrow)
    return (
      <label className="owners-select">
        <span className="unseen">Class</span>
        <select
          className="input"
          value={current ? ownerKey(current) : ''}
          onChange={(event) => {
            const next = owners.find((owner) => ownerKey(owner) === event.target.value);
            if (next) onChoose(next);
          }}
        >
          {current === undefined && <option value="">All, by search</option>}
          {[...groups].map(([kind, members]) => (
            <optgroup key={kind} label={groupName(kind)}>
              {members.map((owner) => (
                <option key={ownerKey(owner)} value={ownerKey(owner)}>
                  {ownerName(owner)} ({count(owner.objects, 'object')})
                </option>
              ))}
            </optgroup>
          ))}
        </select>
      </label>
    );
  return (
    <nav className="owners" aria-label="Classes and users">
      {[...groups].map(([kind, members]) => (
        <section key={kind}>
          <h2>{groupName(kind)}</h2>
          <ul>
            {members.map((owner) => (
              <li key={ownerKey(owner)}>
                <button
                  type="button"
                  className="owner"
                  aria-current={current && sameOwner(owner, current) ? 'true' : undefined}
                  onClick={() => onChoose(owner)}
                >
                  <span className="clip" title={ownerName(owner)}>
                    {ownerName(owner)}
                  </span>
                  <span className="owner-more">
                    {count(owner.objects, 'object')} · {formatBytes(owner.sizeBytes)}
                  </span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </nav>
  );
}
