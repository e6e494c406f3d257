export { type Audit, type AuditFault, appendAudit, createAudit } from './audit.ts';
export type { AuditEntry } from './record.ts';
