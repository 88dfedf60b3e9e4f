import { useQuery } from '@tanstack/react-query';
import { FolderInput } from 'lucide-react';
import { useCallback, useState } from 'react';
import type { StatusView } from '#shared/api.ts';
import { api, pathOf } from '../../api.ts';
import { useFileDrop } from '../../hooks/useFileDrop.ts';
import { FolderDialog } from './FolderDialog.tsx';
import { offerFor, type Offer } from '../../words/drops.ts';

/** A folder that is dropped anywhere on the window is offered to be followed. By keyboard: Settings, Add folder. */
export function DropFolder({ status }: Readonly<{ status: StatusView | undefined }>) {
  const [offer, setOffer] = useState<Offer>();
  const [isOpen, setOpen] = useState(false);
  const isWanted = status !== undefined && status.mode !== 'broken';
  const isOver = useFileDrop(
    isWanted,
    useCallback((items) => {
      setOffer(offerFor(items.map(thingOf)));
      setOpen(true);
    }, []),
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
            Drop a folder to have its recordings uploaded
          </p>
        </div>
      )}
      <FolderDialog
        isOpen={isOpen}
        folder={folders?.find(({ path }) => path === offer?.path)}
        like={folders?.at(-1)}
        canChoose={status?.can.chooseFolder ?? false}
        start={offer}
        onClose={() => setOpen(false)}
      />
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
  };
}
