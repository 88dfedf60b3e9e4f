import { useQuery } from '@tanstack/react-query';
import { CircleCheck, CircleMinus } from 'lucide-react';
import { abilityTerms, type AbilityName } from '#shared/abilities.ts';
import { formatTime, printable } from '#shared/format.ts';
import type { Report } from '#shared/report.ts';
import { api } from '../../api.ts';

/** What a person should know without asking, where the storage cannot do it: it is said above the list. */
const told: ReadonlySet<AbilityName> = new Set(['checksums', 'fullObjectChecksum']);

/**
 * What the storage can do, as it was found to be.
 *
 * @param said What is said above it: nothing of that is said twice.
 */
export function StorageFacts({ said }: Readonly<{ said: Report | undefined }>) {
  const { data } = useQuery({
    queryKey: ['storage-facts'],
    queryFn: () => api.getStorageFacts({}),
  });
  if (!data?.facts) return null;
  const { abilities, notes } = data.facts;
  const isNews = (note: string) => !said?.checks.some(({ remedy }) => remedy === note);
  const known = abilities.filter(({ value }) => value !== null);
  const foundAtMs = Math.max(...known.map((one) => one.foundAtMs ?? 0));
  return (
    <>
      {notes.filter(isNews).map((note) => (
        <p key={note} className="hint">
          {printable(note)}
        </p>
      ))}
      {known.length === 0 && (
        <p className="hint">
          What this storage can do is not known yet: testing the connection finds out.
        </p>
      )}
      {known
        .filter(({ name, value }) => value === false && told.has(name))
        .map(({ name }) => (
          <p key={name} className="hint">
            {abilityTerms[name].without}
          </p>
        ))}
      {known.length > 0 && (
        <details>
          <summary>What this storage can do</summary>
          <ul className="check-list form-folded" aria-label="What this storage can do">
            {known.map(({ name, value }) => (
              <AbilityRow key={name} name={name} isAble={value === true} />
            ))}
          </ul>
          <p className="hint form-folded">
            Found out on {formatTime(foundAtMs)}. Testing the connection looks again.
          </p>
        </details>
      )}
    </>
  );
}

function AbilityRow({ name, isAble }: Readonly<{ name: AbilityName; isAble: boolean }>) {
  const { title, without } = abilityTerms[name];
  const Icon = isAble ? CircleCheck : CircleMinus;
  return (
    <li className={isAble ? 'state-done' : 'state-waiting'}>
      <Icon className="icon" aria-hidden />
      <div>
        <span className="check-title">
          <span className="unseen">{isAble ? 'Yes: ' : 'No: '}</span>
          {title}
        </span>
        {!isAble && without !== '' && !told.has(name) && <p className="hint">{without}</p>}
      </div>
    </li>
  );
}
