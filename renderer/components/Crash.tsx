import { Component, type ReactNode } from 'react';
import { Button } from './Button.tsx';
import { Trouble } from './Trouble.tsx';

type State = Readonly<{ error: Error | null }>;

/** A mistake in the window itself never leaves it blank: the engine goes on, and the window can be loaded again. */
export class Crash extends Component<Readonly<{ children: ReactNode }>, State> {
  override readonly state: State = { error: null };

  static getDerivedStateFromError(error: unknown): State {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === null) return this.props.children;
    return (
      <main className="page">
        <Trouble
          telling={{
            title: 'This window has run into a problem of its own',
            safe: 'It is about the window alone: no recording is touched by it.',
            todo: 'Load the window again.',
            detail: error.message,
          }}
        >
          <Button onClick={() => window.location.reload()}>Load again</Button>
        </Trouble>
      </main>
    );
  }
}
