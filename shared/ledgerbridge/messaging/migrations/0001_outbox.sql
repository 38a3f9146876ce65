-- migrate:up
-- Events wait here until the relay has published them, and stay until their retention ends, so that a wiped broker can
-- be filled again. One column per CloudEvents attribute; `data` null is a tombstone. `topic` has no prefix.
-- Where ce_id is null the record is published as it is, with the headers given (dead letters).
create table outbox (
  position bigint generated always as identity primary key,
  tenant_id bigint not null,
  topic text not null,
  key bytea,
  ce_id text,
  ce_source text,
  ce_type text,
  ce_subject text,
  ce_time timestamptz,
  ce_dataschema text,
  ce_sequence bigint,
  ce_correlationid text,
  ce_causationid text,
  ce_actor text,
  ce_connection bigint,
  ce_traceparent text,
  header_names text[],
  header_values bytea[],
  data bytea,
  written_at timestamptz not null default clock_timestamp(),
  published_at timestamptz
) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05);

-- The relay reads what is not published, never "after the last one": a transaction that commits late is not skipped.
create index outbox_unpublished on outbox (position) where published_at is null;

-- The number of the last event of each aggregate. The row is locked until its writer commits: the numbers have no gap,
-- and positions of one aggregate are in the order of the commits.
create table aggregate_sequences (
  topic text not null,
  key bytea not null,
  tenant_id bigint not null,
  last bigint not null,
  primary key (topic, key)
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);

-- Records that the broker refuses for ever. Such a record waits with its aggregate (topic and key) for a person; the
-- others go on. Few rows, ever.
create table outbox_set_aside (
  position bigint primary key,
  tenant_id bigint not null,
  topic text not null,
  key bytea,
  reason text not null,
  since timestamptz not null default clock_timestamp()
);

-- What a consumer has seen, written in the transaction of the effect.
create table inbox (
  tenant_id bigint not null,
  consumer text not null,
  event_id text not null,
  received_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, consumer, event_id)
);
create index inbox_received on inbox using brin (received_at);

select shared.protect('outbox', 'queue');
select shared.protect('aggregate_sequences', 'queue');
select shared.protect('outbox_set_aside', 'queue');
select shared.protect('inbox', 'queue');
