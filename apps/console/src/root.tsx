import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { App as AntdApp, ConfigProvider } from 'antd';
import enUS from 'antd/locale/en_US';
import zhCN from 'antd/locale/zh_CN';
import dayjs from 'dayjs';
import 'dayjs/locale/zh-cn';
import { useMemo } from 'react';
import { RouterProvider } from 'react-router/dom';
import { ApiError } from './api/client.ts';
import { router } from './routes.tsx';
import { antdThemeOf } from './theme/antd.ts';
import { nonce } from './theme/nonce.ts';
import { PreferencesProvider, usePreferences } from './theme/preferences.tsx';

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // A refusal stays one; only what may have been chance is asked again.
      retry: (count, error) => count < 2 && (!(error instanceof ApiError) || error.status === 0 || error.status >= 500),
    },
  },
});

export function Root() {
  return (
    <QueryClientProvider client={client}>
      <PreferencesProvider>
        <Themed />
      </PreferencesProvider>
    </QueryClientProvider>
  );
}

function Themed() {
  const { language, mode } = usePreferences();
  const theme = useMemo(() => antdThemeOf(mode), [mode]);
  const isChinese = language === 'zh';
  dayjs.locale(isChinese ? 'zh-cn' : 'en');
  return (
    <ConfigProvider
      theme={theme}
      locale={isChinese ? zhCN : enUS}
      csp={{ nonce }}
      // A space between two Chinese characters of a button changes its name for screen readers.
      button={{ autoInsertSpace: false }}
    >
      <AntdApp component={false} message={{ maxCount: 3 }}>
        <RouterProvider router={router} />
      </AntdApp>
    </ConfigProvider>
  );
}
