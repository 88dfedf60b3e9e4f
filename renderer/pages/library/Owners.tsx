import type { ApiOutput } from '#shared/api.ts';
import { count, formatBytes } from '#shared/format.ts';
import { Select } from '../../components/Select.tsx';
import { kindWords } from '../../words/places.ts';

type OwnerTotal = ApiOutput<'listOwners'>[number];
export type Owner = Pick<OwnerTotal, 'kind' | 'ownerId'>;

export const sameOwner = (a: Owner, b: Owner): boolean =>
  a.kind === b.kind && a.ownerId === b.ownerId;

const ownerName = ({ ownerId }: Owner): string => ownerId ?? 'Not from Pan-Sea Sync';
const ownerKey = ({ kind, ownerId }: Owner): string => `${kind ?? ''}/${ownerId ?? ''}`;
const ALL = 'all';
const ALL_NAME = 'All recordings';
const groupName = (kind: Owner['kind']): string => (kind ? kindWords[kind].many : 'Other files');

type Props = Readonly<{
  owners: readonly OwnerTotal[];
  /** Null for all of them; `undefined` while something is searched for. */
  current: Owner | null | undefined;
  /** As a box to choose from, where a column of its own would leave the list no room. */
  isBox: boolean;
  onChoose: (owner: Owner | null) => void;
}>;

/** All of them, the classes, then the users, with how much each holds. */
export function Owners({ owners, current, isBox, onChoose }: Props) {
  const groups = Map.groupBy(owners, ({ kind }) => kind);
  const all = {
    objects: owners.reduce((sum, { objects }) => sum + objects, 0),
    sizeBytes: owners.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
  };
  if (isBox)
    return (
      <label className="owners-select">
        <span className="unseen">Class</span>
        <Select
          value={current ? ownerKey(current) : current === null ? ALL : ''}
          onChange={(event) => {
            const next = owners.find((owner) => ownerKey(owner) === event.target.value);
            if (next || event.target.value === ALL) onChoose(next ?? null);
          }}
        >
          {current === undefined && <option value="">All, by search</option>}
          <option value={ALL}>
            {ALL_NAME} ({count(all.objects, 'file')})
          </option>
          {[...groups].map(([kind, members]) => (
            <optgroup key={kind} label={groupName(kind)}>
              {members.map((owner) => (
                <option key={ownerKey(owner)} value={ownerKey(owner)}>
                  {ownerName(owner)} ({count(owner.objects, 'file')})
                </option>
              ))}
            </optgroup>
          ))}
        </Select>
      </label>
    );
  return (
    <nav className="owners" aria-label="Classes and users">
      <OwnerButton
        name={ALL_NAME}
        total={all}
        isCurrent={current === null}
        onChoose={() => onChoose(null)}
      />
      {[...groups].map(([kind, members]) => (
        <section key={kind}>
          <h2>{groupName(kind)}</h2>
          <ul>
            {members.map((owner) => (
              <li key={ownerKey(owner)}>
                <OwnerButton
                  name={ownerName(owner)}
                  total={owner}
                  isCurrent={current ? sameOwner(owner, current) : false}
                  onChoose={() => onChoose(owner)}
                />
              </li>
            ))}
          </ul>
        </section>
      ))}
    </nav>
  );
}

type ButtonProps = Readonly<{
  name: string;
  total: Pick<OwnerTotal, 'objects' | 'sizeBytes'>;
  isCurrent: boolean;
  onChoose: () => void;
}>;

function OwnerButton({ name, total, isCurrent, onChoose }: ButtonProps) {
  return (
    <button
      type="button"
      className="owner"
      aria-current={isCurrent ? 'true' : undefined}
      onClick={onChoose}
    >
      <span className="clip" title={name}>
        {name}
      </span>
      <span className="owner-more">
        {count(total.objects, 'file')} · {formatBytes(total.sizeBytes)}
      </span>
    </button>
  );
}
