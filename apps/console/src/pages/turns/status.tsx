import { Status, type Tone } from '../../components/status.tsx';
import { texts } from '../../i18n/texts.ts';

const useText = texts({
  success: ['Answered', '已回答'],
  denied: ['Denied', '被拒绝'],
  failed: ['Failed', '失败'],
});

const TONES: Record<string, Tone> = { success: 'good', denied: 'warn', failed: 'bad' };

export function useTurnStatus(): (status: string) => string {
  const t = useText();
  return (status) => (t as Record<string, string>)[status] ?? status;
}

export function TurnStatus({ status }: { status: string }) {
  const name = useTurnStatus();
  return <Status tone={TONES[status] ?? 'busy'}>{name(status)}</Status>;
}
