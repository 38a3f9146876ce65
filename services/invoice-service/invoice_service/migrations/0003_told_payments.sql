-- migrate:up
-- Which payments an invoice's events have told, with what each brought: the difference to the payments as they are now
-- is what is still to be told. A baseline fills it without telling.
create table told_payments (
  tenant_id bigint not null,
  invoice_id uuid not null,
  payment_id text not null,
  total numeric not null,
  received numeric not null,
  credited numeric not null,
  currency text not null,
  primary key (tenant_id, invoice_id, payment_id),
  foreign key (tenant_id, invoice_id) references invoices
);
select shared.protect('told_payments', 'facts');
