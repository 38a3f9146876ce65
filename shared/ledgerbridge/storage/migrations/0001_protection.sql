-- migrate:up
-- Row-level security in one place. Every table with a tenant calls this once, when it is made:
--   select shared.protect('orders', 'facts')   app: rows of its tenant
--   select shared.protect('outbox', 'queue')   app: rows of its tenant; engine: all rows
--   select shared.protect('accounts', 'lookup') app: rows of its tenant; engine: reads all rows
create function shared.protect(target regclass, kind text) returns void language plpgsql as $$
declare
  home text := (select nspname from pg_namespace n join pg_class c on c.relnamespace = n.oid where c.oid = target);
  prefix text := (select role_prefix from shared.installation);
  stem text := case home when 'shared' then prefix else prefix || '_' || home end;
begin
  if kind not in ('facts', 'queue', 'lookup') then
    raise exception 'kind must be facts, queue or lookup, not %', kind;
  end if;
  execute format('alter table %s enable row level security', target);
  execute format('alter table %s force row level security', target);
  execute format('grant select, insert, update, delete on %s to %I', target, stem || '_app');
  execute format('create policy tenant on %s to %I using '
    || '(tenant_id = nullif(current_setting(''ledgerbridge.tenant'', true), '''')::bigint)', target, stem || '_app');
  if kind <> 'facts' then
    execute format('grant %s on %s to %I',
      case kind when 'queue' then 'select, insert, update, delete' else 'select' end, target, stem || '_engine');
    execute format('create policy all_rows on %s to %I using (true)', target, stem || '_engine');
  end if;
end $$;
