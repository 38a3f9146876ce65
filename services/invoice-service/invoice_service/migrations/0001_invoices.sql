-- migrate:up
-- Invoices and what belongs to them. Ids are given by the service, never by the database, except in the history.
-- Times are business time or QuickBooks' own, always given as parameters.

create table invoices (
  tenant_id bigint not null,
  invoice_id uuid not null,
  connection_id bigint not null,
  realm text not null,
  origin text not null check (origin in ('created', 'added', 'synced')),
  order_id uuid,
  quickbooks_id text,
  -- the facts as facts.to_document writes them, and the columns of them that lists, searches and deal properties use
  facts jsonb not null,
  facts_hash bytea not null,
  number text not null,
  customer_id text not null,
  customer_name text not null,
  invoice_date date,
  due_date date,
  currency text not null,
  total numeric not null,
  balance numeric not null,
  home_currency text not null,
  home_total numeric,
  paid numeric not null,
  credited numeric not null,
  -- derived by stages.standing and written by nothing else
  stage text not null check (stage in ('waiting_to_be_sent', 'sent_to_customer', 'partial_payment', 'paid_in_full',
                                       'overdue', 'voided', 'deleted')),
  stage_changes_at timestamptz,
  handed_over boolean not null,
  marked_sent boolean not null default false,
  tax_variance numeric,
  warnings text[] not null default '{}',
  terms text not null default '',
  language text,
  quickbooks_created_at timestamptz,
  -- LastUpdatedTime of the last change of a fact (S-76), and QuickBooks' time of what we hold
  fact_changed_at timestamptz,
  as_of timestamptz not null,
  primary key (tenant_id, invoice_id),
  unique (tenant_id, realm, quickbooks_id)
);
create index invoices_by_stage on invoices (tenant_id, stage, due_date);
select shared.protect('invoices', 'facts');

create table stage_history (
  tenant_id bigint not null,
  entry bigint generated always as identity,
  invoice_id uuid not null,
  old_stage text,
  new_stage text not null,
  cause text not null check (cause in ('fact', 'calendar', 'baseline')),
  changed_at timestamptz not null,
  primary key (tenant_id, entry),
  foreign key (tenant_id, invoice_id) references invoices
);
create index stage_history_by_invoice on stage_history (tenant_id, invoice_id, entry);
select shared.protect('stage_history', 'facts');

-- The HubSpot records of an invoice: at most one deal, any number of contacts and companies.
create table invoice_links (
  tenant_id bigint not null,
  invoice_id uuid not null,
  object_type text not null check (object_type in ('deal', 'contact', 'company')),
  record_id text not null,
  how text not null,
  linked_by text not null,
  linked_at timestamptz not null,
  primary key (tenant_id, invoice_id, object_type, record_id),
  foreign key (tenant_id, invoice_id) references invoices
);
create unique index invoice_links_one_deal on invoice_links (tenant_id, invoice_id) where object_type = 'deal';
create index invoice_links_by_record on invoice_links (tenant_id, object_type, record_id);
select shared.protect('invoice_links', 'facts');

create table payments (
  tenant_id bigint not null,
  connection_id bigint not null,
  quickbooks_id text not null,
  sync_token text not null,
  customer_id text not null,
  payment_date date,
  currency text not null,
  total numeric not null,
  unapplied numeric not null,
  reference text not null,
  credit_memo_ids text[] not null,
  voided boolean not null,
  deleted boolean not null,
  as_of timestamptz not null,
  primary key (tenant_id, connection_id, quickbooks_id)
);
select shared.protect('payments', 'facts');

-- What each payment did for each invoice; invoices that nobody tracks are in it too (other_invoices of an event).
create table allocations (
  tenant_id bigint not null,
  connection_id bigint not null,
  payment_id text not null,
  invoice_quickbooks_id text not null,
  received numeric not null,
  credited numeric not null,
  primary key (tenant_id, connection_id, payment_id, invoice_quickbooks_id),
  foreign key (tenant_id, connection_id, payment_id) references payments on delete cascade
);
create index allocations_by_invoice on allocations (tenant_id, connection_id, invoice_quickbooks_id);
select shared.protect('allocations', 'facts');

create table drafts (
  tenant_id bigint not null,
  draft_id uuid not null,
  connection_id bigint,
  deal_id text,
  quote_id text,
  document jsonb not null,
  version bigint not null,
  owner text not null,
  discarded boolean not null default false,
  created_at timestamptz not null,
  changed_at timestamptz not null,
  primary key (tenant_id, draft_id)
);
create index drafts_by_deal on drafts (tenant_id, deal_id, changed_at) where not discarded;
select shared.protect('drafts', 'facts');

create table orders (
  tenant_id bigint not null,
  order_id uuid not null,
  connection_id bigint not null,
  realm text not null,
  kind text not null check (kind in ('create', 'attach', 'send', 'void')),
  invoice_id uuid not null,
  draft_id uuid,
  deal_id text,
  command_source text,
  command_key text,
  actor text not null,
  content jsonb not null,
  -- unsettled: ordered, running, uncertain, confirm (a person must confirm the date), doubtful (a person must decide)
  state text not null check (state in ('ordered', 'running', 'uncertain', 'confirm', 'doubtful', 'done', 'failed')),
  step text not null,
  generation integer not null default 1,
  customer_id text,
  quickbooks_id text,
  code text,
  field text,
  reason text,
  remedy text,
  ordered_at timestamptz not null,
  settled_at timestamptz,
  primary key (tenant_id, order_id),
  check ((settled_at is not null) = (state in ('done', 'failed')))
);
-- A draft has at most one unsettled order.
create unique index orders_one_per_draft on orders (tenant_id, draft_id) where settled_at is null;
create index orders_of_deal on orders (tenant_id, deal_id) where settled_at is null;
create index orders_of_company on orders (tenant_id, realm) where settled_at is null;
select shared.protect('orders', 'facts');

-- The exact bytes and the request id are stored before the call; only these bytes go out again under this id.
create table attempts (
  tenant_id bigint not null,
  order_id uuid not null,
  step text not null,
  generation integer not null,
  request_id text not null check (length(request_id) <= 50),
  payload bytea not null,
  expected_total numeric,
  expected_tax numeric,
  started_at timestamptz not null,
  answered_at timestamptz,
  outcome text check (outcome in ('done', 'refused', 'deleted')),
  code text,
  reason text,
  primary key (tenant_id, order_id, step, generation),
  foreign key (tenant_id, order_id) references orders
);
select shared.protect('attempts', 'facts');

-- The keys of commands, kept 90 days. The engine removes old ones of all tenants.
create table commands (
  tenant_id bigint not null,
  source text not null,
  key text not null,
  command_id text not null,
  type text not null,
  content_hash bytea not null,
  order_id uuid,
  received_at timestamptz not null,
  primary key (tenant_id, source, key)
);
create index commands_by_age on commands (received_at);
select shared.protect('commands', 'queue');
