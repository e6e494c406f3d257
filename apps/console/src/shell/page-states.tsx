import { CompassOutlined, ReloadOutlined, WarningOutlined } from '@ant-design/icons';
import { Button, Spin } from 'antd';
import { Link } from 'react-router';
import { Page } from '../components/page.tsx';
import { State } from '../components/states.tsx';
import { texts } from '../i18n/texts.ts';

const useText = texts({
  missing: ['There is no such page', '页面不存在'],
  missingWhy: ['The address may be old or mistyped.', '地址可能已失效或输入有误。'],
  home: ['Back to the overview', '返回概览'],
  crash: ['This page stopped working', '页面出错了'],
  crashWhy: [
    'Reloading helps when the hub was updated meanwhile. Nothing was changed.',
    '如果服务刚刚更新过，重新加载即可恢复。没有任何数据被修改。',
  ],
  reload: ['Reload', '重新加载'],
  loading: ['Loading', '加载中'],
});

export function PageMissing() {
  const t = useText();
  return (
    <Page title={t.missing}>
      <State icon={<CompassOutlined />} title={t.missingWhy} action={<Link to="/">{t.home}</Link>} />
    </Page>
  );
}

/** Shown when a page throws, or when its file is gone because a newer version was deployed. */
export function PageCrash() {
  const t = useText();
  return (
    <Page title={t.crash}>
      <State
        icon={<WarningOutlined />}
        title={t.crashWhy}
        action={
          <Button icon={<ReloadOutlined aria-hidden />} onClick={() => window.location.reload()}>
            {t.reload}
          </Button>
        }
      />
    </Page>
  );
}

export function PageWaits() {
  const t = useText();
  return (
    <div className="center" role="status" aria-label={t.loading}>
      <Spin size="large" />
    </div>
  );
}
