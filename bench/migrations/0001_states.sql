-- migrate:up
-- What the pipeline's benchmark keeps of each invoice: a few columns and the document as it came.
create table states (
  tenant_id bigint not null,
  invoice_id text not null,
  number text,
  stage text not null,
  total numeric not null,
  balance numeric not null,
  as_of timestamptz not null,
  document bytea not null,
  primary key (tenant_id, invoice_id)
) with (fillfactor = 80, toast_tuple_target = 8160);
select shared.protect('states', 'queue');
