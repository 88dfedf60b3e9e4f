import { useQuery } from '@tanstack/react-query';
import { FolderInput } from 'lucide-react';
import { useCallback, useState } from 'react';
import type { StatusView } from '#shared/api.ts';
import type { ChosenFile } from '#shared/api/queue-view.ts';
import { api, pathOf } from '../../api.ts';
import { useEnvFile } from '../../hooks/useEnvFile.ts';
import { useFileDrop } from '../../hooks/useFileDrop.ts';
import { FolderDialog } from './FolderDialog.tsx';
import { UploadDialog } from '../queue/UploadDialog.tsx';
import { filesOf, isEnvFile, offerFor, type Offer } from '../../words/drops.ts';
import { EnvFileDialog } from './EnvFile.tsx';

/**
 * A folder that is dropped anywhere on the window is offered to be followed, files to be uploaded, a `.env` file
 * to connect with it. By keyboard: Settings, Add folder and Use a .env file; Queue, Upload files.
 */
export function Drops({ status }: Readonly<{ status: StatusView | undefined }>) {
  const [offer, setOffer] = useState<Offer>();
  const envFile = useEnvFile();
  const { read } = envFile;
  const [files, setFiles] = useState<readonly ChosenFile[]>([]);
  const [open, setOpen] = useState<'upload' | 'folder'>();
  const isConnected = status?.mode === 'ready' || status?.mode === 'demo';
  const isWanted = status !== undefined && status.mode !== 'broken';
  const isOver = useFileDrop(
    isWanted,
    useCallback(
      (items) => {
        const things = items.map(thingOf);
        const file = things.length === 1 && isEnvFile(things[0]!) ? items[0]!.getAsFile() : null;
        if (file) {
          void read(file.text());
          return;
        }
        const alone = isConnected ? filesOf(things) : [];
        setOffer(offerFor(things));
        setFiles(alone);
        setOpen(alone.length > 0 ? 'upload' : 'folder');
      },
      [read, isConnected],
    ),
  );
  const { data: folders } = useQuery({
    queryKey: ['folders'],
    queryFn: () => api.listFolders({}),
    enabled: isWanted,
  });
  return (
    <>
      {isOver && (
        <div className="drop-veil" aria-hidden>
          <p>
            <FolderInput className="icon" aria-hidden />
            Drop files or a folder to have them uploaded, or a .env file to connect with it
          </p>
        </div>
      )}
      <FolderDialog
        isOpen={open === 'folder'}
        folder={folders?.find(({ path }) => path === offer?.path)}
        like={folders?.at(-1)}
        start={offer}
        onClose={() => setOpen(undefined)}
      />
      <UploadDialog
        isOpen={open === 'upload'}
        files={files}
        onFollow={() => setOpen('folder')}
        onClose={() => setOpen(undefined)}
      />
      <EnvFileDialog envFile={envFile} />
    </>
  );
}

/** To be asked while the drop is being told: afterwards its items are empty. */
function thingOf(item: DataTransferItem) {
  const file = item.getAsFile();
  return {
    name: file?.name ?? '',
    isFolder: item.webkitGetAsEntry()?.isDirectory ?? false,
    path: file ? pathOf(file) : '',
    sizeBytes: file?.size ?? 0,
  };
}
