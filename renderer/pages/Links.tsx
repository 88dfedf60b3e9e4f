import { Plus } from 'lucide-react';
import { useState } from 'react';
import type { LinkView } from '#shared/api/stored.ts';
import { Button } from '../components/Button.tsx';
import { PageHead } from '../components/PageHead.tsx';
import { Standing } from '../components/Standing.tsx';
import { useStatus } from '../hooks/useStatus.ts';
import { LinkDialog, type LinkTarget } from './links/LinkDialog.tsx';
import { canRenew } from './links/LinkCells.tsx';
import { LinkTable } from './links/LinkTable.tsx';
import { StopDialog } from './links/StopDialog.tsx';
import { PickDialog } from './links/PickDialog.tsx';

export function LinksPage() {
  const [isPicking, setPicking] = useState(false);
  const [target, setTarget] = useState<LinkTarget>();
  const [stopped, setStopped] = useState<LinkView>();
  const mode = useStatus().data?.mode;
  const newLink = (
    <Button look="main" onClick={() => setPicking(true)}>
      <Plus className="icon" aria-hidden />
      New link
    </Button>
  );
  return (
    <>
      <PageHead
        title="Links"
        text="Each link ends by itself, after seven days at most. Only deleting its recording ends it sooner."
      >
        {(mode === 'ready' || mode === 'demo') && newLink}
      </PageHead>
      <Standing>
        <LinkTable
          onAgain={(link) => setTarget({ ...link, renews: canRenew(link) ? link : undefined })}
          onStop={setStopped}
          newLink={newLink}
        />
      </Standing>
      <PickDialog
        isOpen={isPicking}
        onClose={() => setPicking(false)}
        onPick={(picked) => {
          setPicking(false);
          setTarget(picked);
        }}
      />
      <LinkDialog target={target} onClose={() => setTarget(undefined)} />
      <StopDialog link={stopped} onClose={() => setStopped(undefined)} />
    </>
  );
}
