-- What came and is not read yet: the door writes one row and answers; receipts, keys and notices are made of it later.
create table deliveries (
  place bigint generated always as identity primary key,
  received_at timestamptz not null,
  vendor text not null,
  body bytea not null,
  traceparent text
)
-- It is empty again and again: giving its pages back to the disk would take a lock that the door waits for.
with (vacuum_truncate = off);

do $$
declare engine text := (select role_prefix from shared.installation) || '_webhook_gateway_engine';
begin
  execute format('grant select, insert, update, delete on deliveries to %I', engine);
end $$;
