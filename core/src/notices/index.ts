export { type AdminNotices, type AdminNoticesOptions, createAdminNotices } from './admin-notices.ts';
