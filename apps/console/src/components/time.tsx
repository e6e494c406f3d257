import { Tooltip } from 'antd';
import { useFormat } from '../i18n/format.ts';

/** How long ago, with the exact time at hand. */
export function Ago({ at }: { at: string | null | undefined }) {
  const format = useFormat();
  if (!at) return <span className="faint">–</span>;
  return (
    <Tooltip title={format.time(at)}>
      <time dateTime={at} className="nowrap">
        {format.ago(at)}
      </time>
    </Tooltip>
  );
}

export function At({ at }: { at: string | null | undefined }) {
  const format = useFormat();
  return at ? (
    <time dateTime={at} className="nowrap num">
      {format.time(at)}
    </time>
  ) : (
    <span className="faint">–</span>
  );
}
