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

do $$
declare engine text := (select role_prefix from shared.installation) || '_webhook_gateway_engine';
begin
  execute format('grant select, insert, update, delete on receipts, receipts_default, receipt_keys to %I', engine);
end $$;
