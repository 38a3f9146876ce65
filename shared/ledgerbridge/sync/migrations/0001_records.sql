-- migrate:up
-- The record index (design.md 4): one row for each subject of this service, and at once its work queue.
--
-- A row is pending while settled < marked. `ready_at` says from when it may be claimed and is there exactly while the
-- row is pending: the moment of the mark, then the end of the lease, or of the back-off. So a plain mark of a pending
-- row touches no index, and one small index holds the queue and nothing else.
create table records (
  tenant_id       bigint not null,
  connection_id   bigint not null,                    -- 0: the subject belongs to the tenant, not to one company
  kind            text collate "C" not null,
  subject_id      text collate "C" not null,          -- our own id of the subject
  quickbooks_id   text collate "C",                   -- where notices find it
  hubspot_id      text collate "C",
  marked          bigint not null default 0,
  claimed         bigint not null default 0,
  settled         bigint not null default 0,
  ready_at        timestamptz,                        -- machine time: the database's clock
  lease           uuid,
  priority        smallint not null default 1,        -- 0 person, 1 live, 2 backfill
  due_at          timestamptz,                        -- business time: when it becomes a mark by itself
  verdict         text collate "C",                   -- the last outcome; null before the first
  attempts        integer not null default 0,         -- failures in a row
  reason_code     text collate "C",
  reason          text,
  remedy          text,
  failed_since    timestamptz,
  hints           text[] collate "C" not null default '{}', -- deleted, void, merged:<id>; kept until a settle saw them
  hash_hubspot    bytea,
  hash_quickbooks bytea,
  seen_hubspot    timestamptz,                        -- the vendor's own time of what we hold
  seen_quickbooks timestamptz,
  -- The latest change that marks have told since the claim, by side; infinity where a mark names no time. A settle that
  -- holds at least as much as they tell settles them too: the echo of a write that came before the write was settled.
  news_hubspot    timestamptz,
  news_quickbooks timestamptz,
  -- What people are shown: a record that failed stays failed while it is tried again; an excluded one that was marked
  -- is being looked at.
  state           text collate "C" generated always as (
                    case when verdict in ('failed', 'waiting') then verdict
                         when ready_at is not null then 'pending'
                         else verdict end) stored,
  -- The subject comes first on purpose: no part of this index can stand in for the queue's, so the claim is quick even
  -- before the table was analyzed for the first time (a plan test holds it).
  primary key (subject_id, kind, connection_id, tenant_id),
  check (settled <= claimed and claimed <= marked),
  check ((ready_at is null) = (settled = marked)),
  check (lease is null or ready_at is not null),
  check (verdict in ('in_sync', 'failed', 'waiting', 'excluded'))
) with (
  -- Free room in each page lets a mark of a pending row, which changes no indexed column, stay beside its old version.
  fillfactor = 80,
  -- A row is written three times for each change (mark, claim, settle). The default of 20 % of the table would let a
  -- million rows gather 200,000 dead ones, all of which the claim would step over in the queue's index.
  autovacuum_vacuum_scale_factor = 0.02,
  autovacuum_vacuum_threshold = 1000,
  -- The planner must notice when a backfill turns an empty queue into a long one.
  autovacuum_analyze_scale_factor = 0.02,
  autovacuum_analyze_threshold = 1000
);

-- The queue: by kind and company, so that a long backlog of one company is no obstacle for the others.
create index records_queue on records (kind, tenant_id, connection_id, priority, ready_at) where ready_at is not null;
create index records_due on records (kind, due_at) where due_at is not null;
create index records_quickbooks on records (tenant_id, connection_id, kind, quickbooks_id)
  where quickbooks_id is not null;
-- HubSpot's notices name the account, not the company: no connection here.
create index records_hubspot on records (tenant_id, kind, hubspot_id) where hubspot_id is not null;
create index records_not_in_order on records (tenant_id, connection_id, kind, subject_id)
  where state in ('failed', 'waiting', 'excluded');

select shared.protect('records', 'queue');
