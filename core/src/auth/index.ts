export { type Authenticate, type AuthenticatorOptions, createAuthenticator } from './authenticator.ts';
export { hashOfKey, KEY_PREFIX_LENGTH, newApiKey } from './keys.ts';
export { SIGNATURE_WINDOW_MS, type SignedRequest, signRequest, verifySignature } from './signature.ts';
export {
  createTokenIssuer,
  MAX_TOKEN_SECONDS,
  type SigningKey,
  type SigningKeyStore,
  type TokenIssuer,
} from './tokens.ts';
export type * from './types.ts';
