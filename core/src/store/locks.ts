/** Names of the advisory locks that the hub takes in Postgres; any constants will do, as long as they differ. */
export const MIGRATION_LOCK = 7_265_001;
/** Held while the rows that mirror the configuration are written or re-encrypted. */
export const CONFIG_LOCK = 7_265_002;
/** Held while somebody's access changes, so that two owners cannot remove each other. */
export const IDENTITY_LOCK = 7_265_003;
