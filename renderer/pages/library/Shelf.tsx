import { Archive, ArchiveRestore } from 'lucide-react';
import { useState } from 'react';
import type { ObjectDetails } from '#shared/api/stored.ts';
import { formatTime } from '#shared/format.ts';
import { archiveTerms, type Archive as ArchiveName } from '#shared/restore.ts';
import { Button } from '../../components/Button.tsx';
import { RestoreDialog, type Shelved } from './RestoreDialog.tsx';

type Props = Readonly<{ object: ObjectDetails; name: string; id: string }>;

/** Of what lies in an archive: whether it can be read, and the way to have it read. `id` is on the reason. */
export function Shelf({ object, name, id }: Props) {
  const [isOpen, setOpen] = useState(false);
  const { readability } = object;
  if (readability.kind === 'readable') return null;
  const Icon = readability.kind === 'archived' ? Archive : ArchiveRestore;
  return (
    <div className="shelf">
      <p className="verdict" id={id}>
        <Icon className="icon" aria-hidden />
        <span>{stateText(readability)}</span>
      </p>
      {readability.kind !== 'restoring' && (
        <Button onClick={() => setOpen(true)}>
          <ArchiveRestore className="icon" aria-hidden />
          {readability.kind === 'restored' ? 'Keep readable for longer…' : 'Make readable again…'}
        </Button>
      )}
      <RestoreDialog
        object={object}
        name={name}
        shelved={readability}
        isOpen={isOpen}
        onClose={() => setOpen(false)}
      />
    </div>
  );
}

function stateText(state: Shelved): string {
  if (state.kind === 'restored')
    return `It lies in an archive, and a copy can be read until ${formatTime(state.untilMs)}. Links to it end by then.`;
  if (state.kind === 'restoring')
    return 'It is being made readable again. Links and downloads work once it is; until then this page looks every few minutes.';
  return `${archivedText(state.archive)}. Links and downloads work once it has been made readable again.`;
}

const archivedText = (archive: ArchiveName): string =>
  `Archived: making it readable takes ${archiveTerms[archive].range} on Amazon S3`;
