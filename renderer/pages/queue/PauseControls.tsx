import { Pause, Play } from 'lucide-react';
import type { StatusView } from '#shared/api.ts';
import { pauseEndMs, pauseLengths, whenText, type PauseLength } from '#shared/pause.ts';
import { api } from '../../api.ts';
import { Button } from '../../components/Button.tsx';
import { useNotices } from '../../components/Notice.tsx';
import { OneOf } from '../../components/OneOf.tsx';
import { useAction } from '../../hooks/useAction.ts';

type Props = Readonly<{ status: Pick<StatusView, 'isPaused' | 'pausedBy' | 'pausedUntilMs'> }>;
type Wanted = Readonly<{
  isPaused: boolean;
  untilMs: number | null;
  /** Why uploads stood when it was asked for. */
  before: StatusView['pausedBy'];
}>;

/** Stops all uploads and lets them go on; how long they stand can be chosen once they do. */
export function PauseControls({ status: { isPaused, pausedBy, pausedUntilMs } }: Props) {
  const { show: notify } = useNotices();
  const pause = useAction(
    ({ isPaused: to, untilMs }: Wanted) => api.setPaused({ isPaused: to, untilMs }),
    {
      changes: ['status'],
      onDone: (_, wanted) => notify(doneWords(wanted)),
    },
  );
  const Icon = isPaused ? Play : Pause;
  return (
    <>
      {pausedBy === 'person' && (
        <OneOf
          label="How long uploads are paused"
          isLabelUnseen
          options={lengthNames(pausedUntilMs)}
          value={pausedUntilMs === null ? 'resumed' : 'chosen'}
          onChange={(length) => {
            if (length !== 'chosen')
              pause.mutate({
                isPaused: true,
                untilMs: pauseEndMs(length, Date.now()),
                before: pausedBy,
              });
          }}
        />
      )}
      <Button
        look={isPaused ? 'main' : undefined}
        isBusy={pause.isPending}
        onClick={() => pause.mutate({ isPaused: !isPaused, untilMs: null, before: pausedBy })}
      >
        <Icon className="icon" aria-hidden />
        {!isPaused ? 'Pause all' : pausedBy === 'person' ? 'Resume all' : 'Send anyway'}
      </Button>
    </>
  );
}

/** Whether uploads go on after a pause is the timetable's to say. */
function doneWords({ isPaused, untilMs, before }: Wanted): string {
  if (!isPaused) return before === 'person' ? 'The pause has ended.' : 'Uploads go on.';
  if (untilMs === null) return 'Uploads are paused. Nothing is lost.';
  return `Uploads are paused until ${timeWords(untilMs)}, and go on by themselves.`;
}

/** The end that was chosen has its own line: a list cannot show what it does not have. */
function lengthNames(untilMs: number | null) {
  const names: Record<PauseLength, string> = {
    resumed: 'Until I resume',
    hour: 'For an hour',
    tomorrow: `Until ${timeWords(pauseEndMs('tomorrow', Date.now())!)}`,
  };
  const chosen = untilMs !== null && `Until ${timeWords(untilMs)}`;
  const others = pauseLengths.filter((length) => names[length] !== chosen);
  return Object.fromEntries([
    ...(chosen ? [['chosen', chosen]] : []),
    ...others.map((length) => [length, names[length]]),
  ]) as Record<PauseLength | 'chosen', string>;
}

/** As above the list and in the light, which are read beside it. */
const timeWords = (ms: number): string => whenText(ms, Date.now());
