-- migrate:up
-- The catalogue: QuickBooks' reference data, mirrored read-only for matching and choosing. Search columns hold
-- normalised text in the collation "C", so that equality and prefix use leakproof operators under row-level security.

create table catalogue_customers (
  tenant_id bigint not null,
  connection_id bigint not null,
  quickbooks_id text not null,
  display_name text not null,
  company_name text not null,
  name_key text collate "C" not null,
  company_key text collate "C" not null,
  email text not null,
  currency text not null,
  active boolean not null,
  nested boolean not null,
  taxable boolean not null,
  default_tax_code text,
  has_address boolean not null,
  term_id text,
  as_of timestamptz not null,
  stale boolean not null default false,
  primary key (tenant_id, connection_id, quickbooks_id)
);
create index catalogue_customers_by_name on catalogue_customers (tenant_id, connection_id, name_key);
create index catalogue_customers_by_company on catalogue_customers (tenant_id, connection_id, company_key);
create index catalogue_customers_stale on catalogue_customers (tenant_id, connection_id) where stale;
select shared.protect('catalogue_customers', 'facts');

create table catalogue_addresses (
  tenant_id bigint not null,
  connection_id bigint not null,
  quickbooks_id text not null,
  address text collate "C" not null,
  primary key (tenant_id, connection_id, address, quickbooks_id),
  foreign key (tenant_id, connection_id, quickbooks_id) references catalogue_customers on delete cascade
);
create index catalogue_addresses_by_customer on catalogue_addresses (tenant_id, connection_id, quickbooks_id);
select shared.protect('catalogue_addresses', 'facts');

create table catalogue_items (
  tenant_id bigint not null,
  connection_id bigint not null,
  quickbooks_id text not null,
  name text not null,
  full_name text not null,
  sku text not null,
  name_key text collate "C" not null,
  full_name_key text collate "C" not null,
  sku_key text collate "C" not null,
  kind text not null,
  active boolean not null,
  taxable boolean not null,
  sales_tax_code text,
  unit_price numeric,
  description text not null,
  as_of timestamptz not null,
  stale boolean not null default false,
  primary key (tenant_id, connection_id, quickbooks_id)
);
create index catalogue_items_by_name on catalogue_items (tenant_id, connection_id, name_key);
create index catalogue_items_by_full_name on catalogue_items (tenant_id, connection_id, full_name_key);
create index catalogue_items_by_sku on catalogue_items (tenant_id, connection_id, sku_key);
create index catalogue_items_stale on catalogue_items (tenant_id, connection_id) where stale;
select shared.protect('catalogue_items', 'facts');

-- Names of vendors and employees: they share one name space with customers.
create table catalogue_name_holders (
  tenant_id bigint not null,
  connection_id bigint not null,
  kind text not null check (kind in ('vendor', 'employee')),
  quickbooks_id text not null,
  name text not null,
  name_key text collate "C" not null,
  active boolean not null,
  as_of timestamptz not null,
  stale boolean not null default false,
  primary key (tenant_id, connection_id, kind, quickbooks_id)
);
create index catalogue_name_holders_by_name on catalogue_name_holders (tenant_id, connection_id, name_key);
select shared.protect('catalogue_name_holders', 'facts');

create table catalogue_terms (
  tenant_id bigint not null,
  connection_id bigint not null,
  quickbooks_id text not null,
  name text not null,
  due_days integer,
  day_of_month integer,
  next_month_days integer not null,
  active boolean not null,
  as_of timestamptz not null,
  stale boolean not null default false,
  primary key (tenant_id, connection_id, quickbooks_id)
);
select shared.protect('catalogue_terms', 'facts');

-- Codes with their rates: [{"quickbooks_id", "name", "percent", "applies", "order"}].
create table catalogue_tax_codes (
  tenant_id bigint not null,
  connection_id bigint not null,
  quickbooks_id text not null,
  name text not null,
  description text not null,
  active boolean not null,
  rates jsonb not null,
  as_of timestamptz not null,
  primary key (tenant_id, connection_id, quickbooks_id)
);
select shared.protect('catalogue_tax_codes', 'facts');

create table catalogue_accounts (
  tenant_id bigint not null,
  connection_id bigint not null,
  quickbooks_id text not null,
  name text not null,
  kind text not null,
  subkind text not null,
  active boolean not null,
  as_of timestamptz not null,
  primary key (tenant_id, connection_id, quickbooks_id)
);
select shared.protect('catalogue_accounts', 'facts');

-- Preferences and CompanyInfo of a company; `read_at` is business time, for the 60 seconds of S-52.
create table catalogue_companies (
  tenant_id bigint not null,
  connection_id bigint not null,
  preferences jsonb not null,
  company jsonb not null,
  read_at timestamptz not null,
  stale boolean not null default false,
  primary key (tenant_id, connection_id)
);
select shared.protect('catalogue_companies', 'facts');
