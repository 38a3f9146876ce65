-- migrate:up
-- Up to which request for onboarding (shared.connections.onboard_requested) the catalogue was filled.
alter table catalogue_companies add column onboarded integer not null default 0;
