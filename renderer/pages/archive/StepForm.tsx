import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from '../../components/Button.tsx';
import { Failure } from '../../components/Failure.tsx';

type Props = Readonly<{
  verb: string;
  icon?: LucideIcon;
  /** It is what the step is there for. */
  isMain?: boolean;
  /** What is filled in can be sent: nothing is, before. */
  isReady: boolean;
  isBusy: boolean;
  /** Why it was not done. */
  error: unknown;
  onSubmit: () => void;
  children: ReactNode;
  /** Below all. */
  outcome?: ReactNode;
}>;

/** What a step asks for, the one button that begins it, and why it did not. */
export function StepForm(props: Props) {
  const { icon: Icon, isMain = false, isReady } = props;
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady) props.onSubmit();
      }}
    >
      {props.children}
      <div className="buttons">
        <Button
          look={isMain ? 'main' : undefined}
          type="submit"
          disabled={!isReady}
          isBusy={props.isBusy}
        >
          {Icon && <Icon className="icon" aria-hidden />}
          {props.verb}
        </Button>
      </div>
      {props.error !== null && <Failure error={props.error} />}
      {props.outcome}
    </form>
  );
}
