import { useQuery } from '@tanstack/react-query';
import { api } from '../../api.ts';
import { Check } from '../../components/Check.tsx';
import { Failure } from '../../components/Failure.tsx';
import { useNotices } from '../../components/Notice.tsx';
import { Trouble } from '../../components/Trouble.tsx';
import { useAction } from '../../hooks/useAction.ts';
import { tellError } from '../../words/failures.ts';

/** Whether uploads wait until the computer is plugged in: they do not, until a person says so. */
export function OnBattery() {
  const { show } = useNotices();
  const { data, error, refetch } = useQuery({
    queryKey: ['battery-wait'],
    queryFn: () => api.getBatteryWait({}),
  });
  const set = useAction((waits: boolean) => api.setBatteryWait({ waits }), {
    changes: ['battery-wait', 'status'],
    onDone: (_, waits) =>
      show(
        !waits
          ? 'Uploads go on when the computer is on battery.'
          : data?.isKnown
            ? 'On battery uploads wait.'
            : 'Where the app can tell, uploads wait on battery.',
      ),
  });
  return (
    <>
      {error && <Failure error={error} onRetry={refetch} />}
      {data && (
        <Check
          words="Wait while this computer runs on battery"
          hint={data.isKnown ? KNOWN : UNKNOWN}
          isOn={set.isPending ? set.variables : data.waits}
          onChange={set.mutate}
        />
      )}
      {set.error && <Trouble telling={tellError(set.error)} />}
    </>
  );
}

const KNOWN =
  'Recordings stay safe on this computer and go up once it is plugged in. What is being sent when it is unplugged has two minutes to end. How full the battery is, and whether the network costs money, Pan-Sea Sync cannot tell.';
const UNKNOWN =
  'From here it cannot be told whether this computer is plugged in, so uploads do not wait. Where the app can tell, they do.';
