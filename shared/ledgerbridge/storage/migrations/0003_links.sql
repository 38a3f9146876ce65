-- migrate:up
-- Which HubSpot record and which QuickBooks record are twins, for all services (design.md 4, Links). Written only
-- through ledgerbridge.sync.links, in the transaction that settles the twin. Uniqueness across services needs a
-- constraint, not an event.
create table links (
  tenant_id     bigint not null,
  connection_id bigint not null,
  kind          text collate "C" not null,            -- contact, company, product, invoice, ...
  hubspot_id    text collate "C" not null,
  quickbooks_id text collate "C" not null,
  made_by       text not null,                        -- the service or person that linked them
  made_at       timestamptz not null,                 -- business time
  primary key (connection_id, kind, quickbooks_id)
);
-- One HubSpot record has one twin in a company; a customer's contact and company are links of their own.
create unique index links_hubspot_once on links (connection_id, kind, hubspot_id)
  where kind in ('contact', 'company', 'product');
create index links_hubspot on links (tenant_id, kind, hubspot_id);

select shared.protect('links', 'lookup');
