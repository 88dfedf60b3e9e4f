import { ShieldCheck } from 'lucide-react';
import { Button } from './Button.tsx';
import { api } from '../api.ts';
import { useAction } from '../hooks/useAction.ts';

/** Tells once that the list of recordings had to be made anew: calm, and no more than its own words say. */
export function RecoveryNote({ text }: Readonly<{ text: string | null }>) {
  const dismiss = useAction(() => api.dismissRecovery({}), { changes: ['status'] });
  if (text === null) return null;
  return (
    <section className="note" aria-label="The list of recordings">
      <ShieldCheck className="icon" aria-hidden />
      <p className="note-text">{text}</p>
      <div className="buttons">
        <Button isBusy={dismiss.isPending} onClick={() => dismiss.mutate(undefined)}>
          OK
        </Button>
      </div>
    </section>
  );
}
