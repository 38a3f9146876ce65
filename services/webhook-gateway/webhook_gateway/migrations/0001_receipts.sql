-- migrate:up
-- What the vendors sent, byte for byte. Belongs to the engine alone: a receipt may mix accounts of several tenants,
-- and no page serves it. Partitioned by the day of business time on which it came, dropped by partition.
create table receipts (
  received_on date not null,
  id bigint generated always as identity,
  received_at timestamptz not null,
  vendor text not null,
  -- bytea, not jsonb: the raw bytes are the evidence, and jsonb refuses \u0000
  body bytea not null,
  events int not null,
  primary key (received_on, id)
) partition by range (received_on);

create table receipts_default partition of receipts default;

-- The dedupe memory stands apart: narrow, unique, kept longer than any vendor retries.
create table receipt_keys (
  key bytea primary key,
  received_on date not null
);
create index receipt_keys_by_day on receipt_keys (received_on);

-- How far each sweep has come, per account and stream, and whether webhooks were ever seen.
create table sweeps (
  account_id bigint not null,
  tenant_id bigint not null,
  stream text not null,
  swept_to timestamptz,
  swept_at timestamptz,
  webhook_seen_at timestamptz,
  full_scan_wanted boolean not null default false,
  failure_code text,
  primary key (account_id, stream)
);
select shared.protect('sweeps', 'queue');

-- The engine makes and drops partitions through these two doors: it owns no table.
create function make_receipts_partition(day date) returns void language plpgsql security definer
set search_path = webhook_gateway, pg_temp as $$
declare name text := 'receipts_' || to_char(day, 'YYYYMMDD');
begin
  -- A day that came before its partition (the clock was put ahead) stays in the default one.
  if to_regclass('webhook_gateway.' || name) is null
    and not exists (select from receipts_default where received_on = day) then
    execute format('create table %I partition of receipts for values from (%L) to (%L)', name, day, day + 1);
  end if;
end $$;

create function drop_receipts_before(day date) returns void language plpgsql security definer
set search_path = webhook_gateway, pg_temp as $$
declare name text;
begin
  for name in
    select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'webhook_gateway.receipts'::regclass and c.relname ~ '^receipts_\d{8}$'
      and c.relname < 'receipts_' || to_char(day, 'YYYYMMDD')
  loop
    execute format('drop table %I', name);
  end loop;
  delete from receipts_default where received_on < day;
end $$;

do $$
declare engine text := (select role_prefix from shared.installation) || '_webhook_gateway_engine';
begin
  execute format('grant select, insert, update, delete on receipts, receipts_default, receipt_keys to %I', engine);
  execute format('grant execute on function make_receipts_partition(date), drop_receipts_before(date) to %I', engine);
  revoke execute on function make_receipts_partition(date), drop_receipts_before(date) from public;
end $$;
