import { useCallback, useState } from 'react';
import type { EnvFileView } from '#shared/api/connection.ts';
import { api } from '../api.ts';

type State = Readonly<{ isOpen: boolean; view?: EnvFileView; error?: unknown }>;

export type EnvFile = ReturnType<typeof useEnvFile>;

/** A `.env` file on its way to become the connection. Its text, with the secret in it, is read and let go. */
export function useEnvFile() {
  const [state, setState] = useState<State>({ isOpen: false });
  const open = () => setState({ isOpen: true });
  const read = useCallback(async (text: Promise<string> | string): Promise<void> => {
    setState({ isOpen: true });
    try {
      const view = await api.readEnvFile({ text: await text });
      setState({ isOpen: true, view });
    } catch (error) {
      setState({ isOpen: true, error });
    }
  }, []);
  /** What was read of it is forgotten, also where the engine holds it. */
  const close = (): void => {
    setState((before) => ({ ...before, isOpen: false }));
    void api.dropEnvFile({}).catch(() => {}); // The next one that is read takes its place anyway.
  };
  return { ...state, open, read, close };
}
