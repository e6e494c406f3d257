import type { ChannelBody } from '../../api/contract.ts';
import type { ChannelConfig } from '../../api/types.ts';
import { prune } from '../../components/form/prune.ts';

/** A form's values as the API takes them. The form is one for all platforms; the hub checks what each of them needs. */
export const asChannel = (values: ChannelConfig): ChannelBody =>
  prune(values, ['credentials']) as object as ChannelBody;
