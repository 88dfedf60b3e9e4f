/** @file The calls about looking into a stored object. */
import type { Api } from '#shared/api.ts';
import { assertKnown, assertOpens, mustHead } from '../library/objects.ts';
import type { Remote } from '../s3/remote.ts';
import type { Session } from './session.ts';

type PreviewCalls = Pick<Api, 'startPreview' | 'getPreview' | 'endPreview'>;

/** Both throw what keeps them from being there. */
type Open = Readonly<{ session: () => Session; remote: () => Remote; signal: AbortSignal }>;

export function createPreviewCalls({ session, remote, signal }: Open): PreviewCalls {
  return {
    async startPreview({ key }) {
      const { previews, ...ledger } = session();
      assertKnown(ledger, key);
      const from = remote();
      const info = await mustHead(from, key, signal);
      await assertOpens(from, info, signal);
      return { id: previews.start(from, info) };
    },
    async getPreview({ id }) {
      const preview = session().previews.get(id);
      const { code, title, remedy } = preview?.trouble() ?? {};
      return {
        isOpen: preview !== undefined,
        trouble: code && title && remedy ? { code, title, remedy } : null,
      };
    },
    async endPreview({ id }) {
      session().previews.end(id);
      return {};
    },
  };
}
