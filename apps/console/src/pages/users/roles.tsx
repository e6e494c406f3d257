import { CheckOutlined, MinusOutlined } from '@ant-design/icons';
import { useGet } from '../../api/hooks.ts';
import { DataTable } from '../../components/data-table.tsx';
import { Panel } from '../../components/page.tsx';
import { Loaded } from '../../components/states.tsx';
import { texts } from '../../i18n/texts.ts';
import { matchesAction } from './role-table.ts';

const useText = texts({
  hint: [
    'Each role holds in one tenant or everywhere. Policies can take away or add.',
    '角色可作用于某个租户或全局，可通过策略增减权限。',
  ],
  action: ['Action', '操作'],
  yes: ['yes', '允许'],
  no: ['no', '不允许'],
});

/** What each built-in role may do. */
export function Roles() {
  const t = useText();
  const roles = useGet('/roles');
  return (
    <Loaded of={roles}>
      {({ items, actions: all }) => (
        <Panel flush hint={t.hint} title=" ">
          <DataTable
            size="small"
            rowKey="action"
            dataSource={all
              .filter((action) => items.some(({ actions }) => matchesAction(actions, action)))
              .map((action) => ({ action }))}
            columns={[
              { title: t.action, key: 'action', render: (_, { action }) => <span className="mono">{action}</span> },
              ...items.map(({ role, actions }) => ({
                title: role,
                key: role,
                align: 'center' as const,
                render: (_: unknown, { action }: { action: string }) =>
                  matchesAction(actions, action) ? (
                    <CheckOutlined className="good" aria-label={t.yes} />
                  ) : (
                    <MinusOutlined className="faint" aria-label={t.no} />
                  ),
              })),
            ]}
          />
        </Panel>
      )}
    </Loaded>
  );
}
