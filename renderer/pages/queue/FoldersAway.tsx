import { useQuery } from '@tanstack/react-query';
import { Unplug } from 'lucide-react';
import type { FolderView } from '#shared/api.ts';
import { api } from '../../api.ts';
import { Button } from '../../components/Button.tsx';
import { Name } from '../../components/Name.tsx';
import { useHandOver } from '../../hooks/useHandOver.ts';
import { show } from '../../hooks/useView.ts';
import { presenceWords } from '../../words/places.ts';

/** So many that the queue is in sight, too. */
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

/** Which, and what to do: that it is so keeps the light from being green. */
function Away({ folders }: Readonly<{ folders: readonly FolderView[] }>) {
  const note = useHandOver<HTMLElement>();
  const more = folders.length - SHOWN;
  return (
    <section ref={note} className="note" aria-label="Folders that are not connected">
      <Unplug className="icon" aria-hidden />
      <div className="note-text">
        {folders.slice(0, SHOWN).map(({ id, path, state }) => (
          <div key={id}>
            <strong>
              {presenceWords[state].words}: <Name text={path} />
            </strong>
            <p>{presenceWords[state].note}</p>
          </div>
        ))}
        {more > 0 && <p>And {more} more.</p>}
      </div>
      <div className="buttons">
        <Button onClick={() => show('settings/folders')}>Show in Settings</Button>
      </div>
    </section>
  );
}
