import { Drops } from './pages/settings/Drops.tsx';
import { Light } from './components/Light.tsx';
import { useNotices } from './components/Notice.tsx';
import { Rail, viewNames } from './components/Rail.tsx';
import { useAuditNews } from './hooks/useAudit.ts';
import { useDownloadNews } from './hooks/useDownloads.ts';
import { useEngineEvents } from './hooks/useEngineEvents.ts';
import { useMigrationNews } from './hooks/useMigration.ts';
import { useMilestones } from './hooks/useMilestones.ts';
import { useStatus } from './hooks/useStatus.ts';
import { useTitle } from './hooks/useTitle.ts';
import { pageHeading, usePageFocus, useView, useViewKeys, type View } from './hooks/useView.ts';
import { ArchivePage } from './pages/Archive.tsx';
import { HistoryPage } from './pages/History.tsx';
import { LibraryPage } from './pages/Library.tsx';
import { LinksPage } from './pages/Links.tsx';
import { QueuePage } from './pages/Queue.tsx';
import { SettingsPage } from './pages/Settings.tsx';
import { tabCounts } from './words/states.ts';

const pages: Record<View, () => React.ReactNode> = {
  queue: QueuePage,
  library: LibraryPage,
  links: LinksPage,
  settings: SettingsPage,
  history: HistoryPage,
  archive: ArchivePage,
};

export function App() {
  const view = useView();
  const { say, show } = useNotices();
  const isConnected = useEngineEvents(
    useMilestones(say),
    useDownloadNews(show),
    useAuditNews(say),
    useMigrationNews(say),
  );
  const status = useStatus();
  useViewKeys();
  usePageFocus(view);
  useTitle(`${viewNames[view]} · Pan-Sea Sync`);
  const isSilent = status.isError || isConnected === false;
  const Page = pages[view];
  return (
    <div className="frame">
      <a className="skip" href={`#${view}`} onClick={() => pageHeading()?.focus()}>
        Skip to the page
      </a>
      <Rail needHelp={tabCounts(status.data?.counts ?? {}).attention} />
      <Light status={status.data} isSilent={isSilent} />
      <main className={`page page-${view}`} aria-label={viewNames[view]} tabIndex={-1} key={view}>
        <Page />
      </main>
      <Drops status={status.data} />
    </div>
  );
}
