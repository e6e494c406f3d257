import { Button, Flex } from 'antd';
import type { QueryOf } from '../../api/contract.ts';
import { useGet } from '../../api/hooks.ts';
import { useFormat } from '../../i18n/format.ts';
import { texts } from '../../i18n/texts.ts';

const useText = texts({
  title: ['By error code', '按错误码'],
  lastDay: ['By error code, last 24 hours', '最近 24 小时按错误码'],
  none: ['no error', '无错误'],
  row: [
    (code: string, turns: string, mean: string) => `${code}: ${turns}, ${mean} on average`,
    (code: string, turns: string, mean: string) => `${code}：${turns} 次，平均 ${mean}`,
  ],
});

interface Props {
  tenant: string | undefined;
  filters: QueryOf<'/turns/errors'>;
  choose: (code: string) => void;
}

/** Which errors the turns had that the filters let through. Without a filter nobody asks: it would be all of them. */
export function TurnErrorCounts({ tenant, filters: { q: _q, error_code: _code, ...filters }, choose }: Props) {
  const t = useText();
  const format = useFormat();
  const isFiltered = Object.values(filters).some((value) => value !== undefined && value !== '');
  const { data } = useGet('/turns/errors', { tenant, ...filters }, { enabled: isFiltered });
  const rows = isFiltered ? (data?.data.rows ?? []) : [];
  if (rows.length === 0) return null;
  const title = filters.from ? t.title : t.lastDay;
  return (
    <Flex wrap gap={8} align="center" component="section" aria-label={title}>
      <span className="faint">{title}</span>
      {rows.map(({ error_code: code, turns, mean_response_ms: mean }) => (
        <Button key={code ?? ''} size="small" disabled={code === null} onClick={() => code && choose(code)}>
          {t.row(code ?? t.none, format.number(turns), format.ms(mean))}
        </Button>
      ))}
    </Flex>
  );
}
