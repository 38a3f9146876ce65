-- migrate:up
-- Up to which request for onboarding (shared.connections.onboard_requested) the catalogue was filled.
alter table catalogue_companies add column onboarded integer not null default 0;
-- The generation of a customer's request id is counted over all orders.
create index attempts_by_request_id on attempts (tenant_id, request_id);
