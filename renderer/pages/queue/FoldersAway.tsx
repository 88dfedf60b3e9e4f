import { useQuery } from '@tanstack/react-query';
import { Unplug } from 'lucide-react';
import type { FolderView } from '#shared/api.ts';
import { api } from '../../api.ts';
import { Button } from '../../components/Button.tsx';
import { Name } from '../../components/Name.tsx';
import { useHandOver } from '../../hooks/useHandOver.ts';
import { show } from '../../hooks/useView.ts';
import { presenceWords } from '../../words/places.ts';

/** Of a kind, so many that the queue is in sight, too. */
const SHOWN = 2;

/** @param away How many folders cannot be looked into now, as far as is known. */
export function FoldersAway({ away }: Readonly<{ away: number }>) {
  const { data = [] } = useQuery({
    queryKey: ['folders'],
    queryFn: () => api.listFolders({}),
    enabled: away > 0,
  });
  const folders = data.filter(({ state }) => state !== 'connected');
  return away === 0 || folders.length === 0 ? null : <Away folders={folders} />;
}

/** Which, and once for all of a kind what to do: that it is so keeps the light from being green. */
function Away({ folders }: Readonly<{ folders: readonly FolderView[] }>) {
  const note = useHandOver<HTMLElement>();
  const kinds = Map.groupBy(folders, ({ state }) => state);
  return (
    <section ref={note} className="note" aria-label="Folders that are not connected">
      <Unplug className="icon" aria-hidden />
      <div className="note-text">
        {[...kinds].map(([state, alike]) => (
          <div key={state}>
            <strong>{presenceWords[state].words}</strong>
            {alike.slice(0, SHOWN).map(({ id, path }) => (
              <Name key={id} text={path} />
            ))}
            {alike.length > SHOWN && <p>and {alike.length - SHOWN} more</p>}
            <p>{presenceWords[state].note}</p>
          </div>
        ))}
      </div>
      <div className="buttons">
        <Button onClick={() => show('settings/folders')}>Show in Settings</Button>
      </div>
    </section>
  );
}
