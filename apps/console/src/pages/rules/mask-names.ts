import { texts } from '../../i18n/texts.ts';

const useText = texts({
  credit_card: ['Credit card numbers', '银行卡号'],
  cn_id_card: ['Chinese ID numbers', '身份证号'],
  cn_mobile: ['Chinese mobile numbers', '手机号'],
  us_ssn: ['US social security numbers', '美国社会安全号'],
  email: ['E-mail addresses', '邮箱地址'],
  iban: ['IBANs', 'IBAN 账号'],
  secret: ['Keys and passwords', '密钥与口令'],
});

export function useMaskName(): (kind: string) => string {
  const t = useText();
  return (kind) => (t as Record<string, string>)[kind] ?? kind;
}
