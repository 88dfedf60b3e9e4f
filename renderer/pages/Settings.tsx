import { catalogue } from '#shared/catalogue.ts';
import { printable } from '#shared/format.ts';
import { PageHead } from '../components/PageHead.tsx';
import { StandingTrouble, StandingWarning } from '../components/Standing.tsx';
import { Trouble } from '../components/Trouble.tsx';
import { useStatus } from '../hooks/useStatus.ts';
import { tellError } from '../words/failures.ts';
import { Audit } from './settings/Audit.tsx';
import { Connection } from './settings/Connection.tsx';
import { Diagnostics } from './settings/Diagnostics.tsx';
import { Folders } from './settings/Folders.tsx';
import { UploadSpeed } from './settings/UploadSpeed.tsx';
import { VirusScan } from './settings/VirusScan.tsx';

export function SettingsPage() {
  const status = useStatus();
  const trouble = status.data?.trouble;
  // Without the library there is nothing to set, and each part would say so again.
  const isShut =
    status.data?.mode === 'broken' && trouble && catalogue[trouble.code].scope === 'home';
  return (
    <>
      <PageHead title="Settings" text="Where recordings come from, and where they go.">
        {status.data && <p className="faint num">Version {status.data.version}</p>}
      </PageHead>
      {status.error && !status.data && <Trouble telling={tellError(status.error)} />}
      {status.data && <StandingWarning text={status.data.warning} />}
      {status.data && <StandingTrouble mode={status.data.mode} trouble={status.data.trouble} />}
      {status.data?.school?.help && (
        <p className="muted">
          Your school has set some of this. If it has to be different, ask{' '}
          {printable(status.data.school.help)}.
        </p>
      )}
      {status.data && (
        <div className="settings">
          {!isShut && <Connection status={status.data} />}
          {status.data.mode !== 'broken' && <Folders status={status.data} />}
          {status.data.mode !== 'broken' && <UploadSpeed />}
          {status.data.mode !== 'broken' && <VirusScan />}
          {status.data.mode !== 'broken' && <Audit status={status.data} />}
          <Diagnostics />
        </div>
      )}
    </>
  );
}
