import type { ComponentType } from 'react';
import { createBrowserRouter, type RouteObject } from 'react-router';
import { Gate } from './shell/gate.tsx';
import { PageCrash, PageMissing, PageWaits } from './shell/page-states.tsx';

type Loader = () => Promise<{ default: ComponentType }>;

/** Each page is a file of its own, loaded when somebody goes there. */
const PAGES: Record<string, Loader> = {
  '/': () => import('./pages/overview/index.tsx'),
  '/setup': () => import('./pages/setup/index.tsx'),
  '/conversations': () => import('./pages/conversations/index.tsx'),
  '/conversations/:tenant/:conversation': () => import('./pages/conversations/one.tsx'),
  '/turns': () => import('./pages/turns/index.tsx'),
  '/turns/:turn': () => import('./pages/turns/one.tsx'),
  '/dead-letters': () => import('./pages/dead-letters/index.tsx'),
  '/channels': () => import('./pages/channels/index.tsx'),
  '/channels/:channel': () => import('./pages/channels/one.tsx'),
  '/models': () => import('./pages/models/index.tsx'),
  '/models/new': () => import('./pages/models/new.tsx'),
  '/models/:model': () => import('./pages/models/one.tsx'),
  '/tenants': () => import('./pages/tenants/index.tsx'),
  '/tenants/new': () => import('./pages/tenants/new.tsx'),
  '/tenants/:tenant': () => import('./pages/tenants/one.tsx'),
  '/rules': () => import('./pages/rules/index.tsx'),
  '/quota': () => import('./pages/quota/index.tsx'),
  '/usage': () => import('./pages/usage/index.tsx'),
  '/api-keys': () => import('./pages/api-keys/index.tsx'),
  '/users': () => import('./pages/users/index.tsx'),
  '/audit': () => import('./pages/audit/index.tsx'),
  '/settings': () => import('./pages/settings/index.tsx'),
  '/profile': () => import('./pages/profile/index.tsx'),
  '/playground': () => import('./pages/playground/index.tsx'),
  '/sandbox': () => import('./pages/sandbox/index.tsx'),
};

const children: RouteObject[] = [
  ...Object.entries(PAGES).map(([path, load]) => ({
    path,
    lazy: async () => ({ Component: (await load()).default }),
  })),
  { path: '*', Component: PageMissing },
];

export const router = createBrowserRouter([
  {
    Component: Gate,
    ErrorBoundary: PageCrash,
    HydrateFallback: PageWaits,
    children: [{ ErrorBoundary: PageCrash, children }],
  },
]);
