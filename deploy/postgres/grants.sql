-- What the roles of roles.sql may do with the hub's tables. As parley_owner, after every `parley migrate` and
-- `parley restore`; again and again does no harm. A table that is new and not named here is closed to the hub.
revoke all on all tables in schema public from parley_app, parley_backup;
revoke all on all sequences in schema public from parley_app, parley_backup;

grant usage on schema drizzle to parley_app, parley_backup;
grant select on drizzle.__drizzle_migrations to parley_app, parley_backup;

-- Mirrors of the configuration: what is gone is marked, not deleted.
grant select, insert, update on tenants, channels, models to parley_app;
-- What is kept for a time.
grant select, insert, update, delete on conversations, turns, messages to parley_app;
grant select, insert, delete on ledger to parley_app;
-- When the database was last saved: the hub tells it, and whoever saves it writes it.
grant select on backup_notes to parley_app;
-- What was done stays as it was done: records are added, and nothing else. Their chains move on.
grant select, insert on audit to parley_app;
grant select, insert, update on audit_chains to parley_app;
-- Keys, versions and people.
grant select, insert on model_keys to parley_app;
grant select, insert, update, delete on signing_keys, api_keys to parley_app;
grant select, insert, update, delete on config_versions to parley_app;
grant select, insert, update on config_active to parley_app;
grant select, insert, update, delete on users, user_roles, policies, user_sessions, access_tokens to parley_app;

grant select on all tables in schema public to parley_backup;
grant insert, update on backup_notes to parley_backup;
grant select on all sequences in schema public to parley_backup;
