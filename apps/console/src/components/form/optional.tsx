import { Form, type FormInstance, Switch } from 'antd';
import { type ReactNode, useId } from 'react';

interface Props {
  form: FormInstance;
  name: string;
  title: string;
  hint?: string;
  /** What it holds when it is switched on. */
  initial: object;
  disabled?: boolean;
  children: ReactNode;
}

/** A part of the configuration that may be left out as a whole. */
export function Optional({ form, name, title, hint, initial, disabled, children }: Props) {
  const id = useId();
  const value: unknown = Form.useWatch(name, { form, preserve: true });
  const isOn = value !== undefined && value !== null;
  return (
    <section className="stack tight" style={{ marginBottom: 20 }}>
      <div className="row nowrap" style={{ gap: 12, alignItems: 'flex-start' }}>
        <Switch
          checked={isOn}
          {...(disabled === undefined ? {} : { disabled })}
          aria-labelledby={id}
          onChange={(on) => form.setFieldValue(name, on ? initial : undefined)}
        />
        <div style={{ whiteSpace: 'normal' }}>
          <strong id={id}>{title}</strong>
          {hint && <div className="muted small">{hint}</div>}
        </div>
      </div>
      {isOn && <div style={{ padding: '12px 0 0 56px' }}>{children}</div>}
    </section>
  );
}
