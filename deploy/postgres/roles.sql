-- Roles of least privilege for Parley. Once, as a superuser, in the hub's database, and in every other one that is to be restored into:
--
--   createdb --encoding UTF8 --template template0 parley
--   psql -d parley -v ON_ERROR_STOP=1 -f deploy/postgres/roles.sql
--   psql -d parley -c '\password parley_owner'     -- and parley_app, parley_backup; or certificates in pg_hba.conf
--   DATABASE_URL=postgres://parley_owner:…@…/parley npm run parley -- migrate
--   psql postgres://parley_owner:…@…/parley -v ON_ERROR_STOP=1 -f deploy/postgres/grants.sql     -- after every migrate and restore
--
-- parley_owner   migrations, restore, `parley audit prune` and `erase-user`; no process of the hub that runs for long
-- parley_app     gateways and workers
-- parley_backup  `parley backup`: reads, and notes when it was last there
--
-- Roles belong to the whole server: for its second database they are there.
do $$ declare name text; begin
  foreach name in array array['parley_owner', 'parley_app', 'parley_backup'] loop
    if not exists (select from pg_roles where rolname = name) then execute format('create role %I login', name); end if;
  end loop;
end $$;

-- Nobody else comes in, and nobody but the owner makes anything.
do $$ begin
  execute format('revoke all on database %I from public', current_database());
  execute format('grant connect, create, temporary on database %I to parley_owner', current_database());
  execute format('grant connect on database %I to parley_app, parley_backup', current_database());
end $$;
revoke all on schema public from public;
grant usage, create on schema public to parley_owner;
grant usage on schema public to parley_app, parley_backup;

-- A backup reads one moment for as long as it takes; what it must not do is write. For its note it says that it will.
alter role parley_backup set default_transaction_read_only = on;
