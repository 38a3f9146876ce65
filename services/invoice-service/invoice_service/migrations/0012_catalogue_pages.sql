-- migrate:up
-- Lists of the catalogue go on after a name and an id.
drop index catalogue_customers_by_name;
create index catalogue_customers_by_name on catalogue_customers (tenant_id, connection_id, name_key, quickbooks_id);
drop index catalogue_items_by_full_name;
create index catalogue_items_by_full_name on catalogue_items (tenant_id, connection_id, full_name_key, quickbooks_id);
-- Accounts are called stale by notices like all other reference data.
alter table catalogue_accounts add column stale boolean not null default false;
