import { catalogue } from '#shared/troubles/catalogue.ts';
import { printable } from '#shared/format.ts';
import { PageHead } from '../components/PageHead.tsx';
import { StandingTrouble, StandingWarning } from '../components/Standing.tsx';
import { Trouble } from '../components/Trouble.tsx';
import { usePartInSight } from '../hooks/usePartInSight.ts';
import { useStatus } from '../hooks/useStatus.ts';
import { tellError } from '../words/failures.ts';
import { Audit } from './settings/Audit.tsx';
import { Connection } from './settings/Connection.tsx';
import { Cost } from './settings/Cost.tsx';
import { Diagnostics } from './settings/Diagnostics.tsx';
import { Folders } from './settings/Folders.tsx';
import { Jumps } from './settings/sections.tsx';
import { UploadSpeed } from './settings/UploadSpeed.tsx';
import { VirusScan } from './settings/VirusScan.tsx';

export function SettingsPage() {
  const status = useStatus();
  const trouble = status.data?.trouble;
  // Without the library there is nothing to set, and each part would say so again.
  const isShut =
    status.data?.mode === 'broken' && trouble && catalogue[trouble.code].scope === 'home';
  // On a first run there is one thing to do, and it stands at the top.
  const isSetUp = status.data?.mode === 'ready' || status.data?.mode === 'demo';
  const isBroken = status.data?.mode === 'broken';
  // Once: a connection that is saved closes the library for a moment, and moves nobody.
  usePartInSight(status.data !== undefined);
  return (
    <>
      <PageHead title="Settings" text="Where recordings come from, and where they go.">
        {status.data && <p className="faint num">Version {status.data.version}</p>}
      </PageHead>
      {status.error && !status.data && <Trouble telling={tellError(status.error)} />}
      {status.data && <StandingWarning key={status.data.warning} text={status.data.warning} />}
      {status.data && <StandingTrouble mode={status.data.mode} trouble={status.data.trouble} />}
      {status.data?.school?.help && (
        <p className="muted">
          Your school has set some of this. If it has to be different, ask{' '}
          {printable(status.data.school.help)}.
        </p>
      )}
      {isSetUp && <Jumps />}
      {status.data && (
        <div className="settings">
          {!isShut && <Connection status={status.data} />}
          {!isBroken && <Folders status={status.data} />}
          {!isBroken && <UploadSpeed />}
          {!isBroken && <VirusScan />}
          {!isBroken && <Audit status={status.data} />}
          {!isBroken && <Cost status={status.data} />}
          <Diagnostics />
        </div>
      )}
    </>
  );
}
