import { Select } from 'antd';
import { texts } from '../../i18n/texts.ts';

const useText = texts({ hint: ['Type and press Enter', '输入后按回车'] });

interface Props {
  id?: string;
  value?: string[];
  onChange?: (value: string[]) => void;
  placeholder?: string;
  'aria-label'?: string;
  suggestions?: readonly { value: string; label: string }[];
  disabled?: boolean;
}

/** A list of short texts. */
export function Words({ suggestions, placeholder, ...props }: Props) {
  const t = useText();
  return (
    <Select
      {...props}
      mode="tags"
      style={{ width: '100%' }}
      placeholder={placeholder ?? t.hint}
      tokenSeparators={['\n']}
      {...(suggestions ? {} : { open: false, suffixIcon: null })}
      options={[...(suggestions ?? [])]}
    />
  );
}
