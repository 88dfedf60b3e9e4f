// oxlint-disable-next-line import/no-unassigned-import -- for its effect, before everything else
import './no-eval.ts';
import { CSPProvider } from '@base-ui/react/csp-provider';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './App.tsx';
import { NoticeProvider } from './components/Notice.tsx';
import { Crash } from './components/Crash.tsx';

const queryClient = new QueryClient({
  defaultOptions: {
    // The engine is on this computer: whether there is a network says nothing about it.
    queries: { networkMode: 'always', retry: false, staleTime: 2_000, gcTime: 60_000 },
    mutations: { networkMode: 'always' },
  },
});

createRoot(document.querySelector('#root')!).render(
  <StrictMode>
    <Crash>
      <CSPProvider disableStyleElements>
        <QueryClientProvider client={queryClient}>
          <NoticeProvider>
            <App />
          </NoticeProvider>
        </QueryClientProvider>
      </CSPProvider>
    </Crash>
  </StrictMode>,
);
