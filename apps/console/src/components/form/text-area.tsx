import { Input } from 'antd';
import type { TextAreaProps } from 'antd/es/input';

interface Props extends Omit<TextAreaProps, 'autoSize' | 'rows' | 'style'> {
  minRows?: number;
  maxRows?: number;
}

/** Rows as the text needs them, by CSS: Ant Design's own way of measuring sets a style attribute, which the CSP forbids. */
export function TextArea({ minRows = 2, maxRows = 8, className = '', ...props }: Props) {
  const height = (rows: number) => `calc(${rows} * 1.5714em + 12px)`;
  return (
    <Input.TextArea
      {...props}
      rows={minRows}
      className={`area ${className}`}
      style={{ minHeight: height(minRows), maxHeight: height(maxRows) }}
    />
  );
}
