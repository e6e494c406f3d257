const NEVER_SENT: ReadonlySet<string> = new Set([
  'ERR_INNER_ADDRESS',
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/**
 * Whether a system's or undici's error code tells of a failure before a connection stood, so that the request cannot have
 * been written. Everything else (reset, timeout, abort) may have been carried out.
 */
export const wasNeverSent = (code: string): boolean => NEVER_SENT.has(code);
