-- migrate:up
-- Accounts, grants, connections, budgets, callers (design.md 3). Times named *_at or *_until are business time unless a
-- comment says machine time.

-- Rights for tables without a tenant: `rights` is a list such as 'select, insert'.
create function shared.open_to(target regclass, kind text, rights text) returns void language plpgsql as $$
begin
  execute format('grant %s on %s to %I', rights, target, (select role_prefix from shared.installation) || '_' || kind);
end $$;

create sequence shared.account_ids;
do $$
declare prefix text := (select role_prefix from shared.installation);
begin
  execute format('grant usage on sequence shared.account_ids to %I, %I', prefix || '_app', prefix || '_engine');
end $$;

-- A HubSpot account is its own tenant: tenant_id = id. A QuickBooks company has its HubSpot account's.
create table shared.accounts (
  id bigint primary key,
  tenant_id bigint not null,
  vendor text not null check (vendor in ('hubspot', 'quickbooks')),
  external_id text not null,
  app text not null,
  state text not null default 'connected'
    check (state in ('connected', 'permission_missing', 'waiting', 'reconnect_needed', 'disconnected')),
  state_code text,
  state_details jsonb not null default '{}',
  scopes text[] not null default '{}',
  facts jsonb not null default '{}',
  connected_at timestamptz not null,
  unique (vendor, external_id),
  unique (tenant_id, id),
  check (vendor <> 'hubspot' or tenant_id = id)
);
select shared.protect('shared.accounts', 'lookup');

-- The tokens of an account, both sealed. `version` rises with every stored grant and never with a key rotation.
-- `uncertain_since` is set before a renewal is sent and cleared by its outcome: found set, an answer was lost.
create table shared.grants (
  account_id bigint primary key,
  tenant_id bigint not null,
  access_token bytea not null,
  refresh_token bytea,
  version bigint not null default 1,
  expires_at timestamptz,
  refresh_expires_at timestamptz,
  uncertain_since timestamptz,
  foreign key (tenant_id, account_id) references shared.accounts (tenant_id, id) on delete cascade
);
select shared.protect('shared.grants', 'facts');

create table shared.connections (
  id bigint primary key generated always as identity,
  tenant_id bigint not null,
  hubspot_account_id bigint not null,
  quickbooks_account_id bigint not null unique,
  settings jsonb not null default '{}',
  onboard_requested bigint not null default 1, -- each service compares it with what it has done
  connected_at timestamptz not null,
  unique (tenant_id, id),
  foreign key (tenant_id, hubspot_account_id) references shared.accounts (tenant_id, id),
  foreign key (tenant_id, quickbooks_account_id) references shared.accounts (tenant_id, id),
  check (hubspot_account_id = tenant_id)
);
select shared.protect('shared.connections', 'lookup');

create table shared.connection_history (
  id bigint primary key generated always as identity,
  tenant_id bigint not null,
  connection_id bigint not null,
  changed_at timestamptz not null,
  actor text not null,
  changes jsonb not null, -- {"setting": {"old": …, "new": …}}
  foreign key (tenant_id, connection_id) references shared.connections (tenant_id, id) on delete cascade
);
create index on shared.connection_history (connection_id, id);
select shared.protect('shared.connection_history', 'facts');

create function shared.tell_accounts_changed() returns trigger language plpgsql as $$
begin
  perform pg_notify('ledgerbridge_accounts', coalesce(new.tenant_id, old.tenant_id)::text);
  return null;
end $$;
create trigger tell_changed after insert or update or delete on shared.accounts
  for each row execute function shared.tell_accounts_changed();
create trigger tell_changed after insert or update or delete on shared.connections
  for each row execute function shared.tell_accounts_changed();

-- A consent that was asked for: the key is a digest of the state, the answer (code, realm) is sealed. tenant_id is
-- null until the account is known; such rows belong to no tenant and only the engine sees them.
create table shared.oauth_states (
  id text primary key,
  tenant_id bigint,
  vendor text not null check (vendor in ('hubspot', 'quickbooks')),
  asked_by text not null,
  redirect_uri text not null,
  expires_at timestamptz not null,
  answer bytea,
  answered_at timestamptz,
  taken_at timestamptz
);
select shared.protect('shared.oauth_states', 'queue');

-- Programs that call us; only a digest of the secret is kept (it has 256 random bits, so that no salt is needed).
create table shared.clients (
  id text primary key,
  tenant_id bigint not null,
  name text not null,
  role text not null check (role in ('viewer', 'sales', 'finance', 'administrator')),
  secret_digest bytea not null,
  made_at timestamptz not null,
  revoked_at timestamptz
);
select shared.protect('shared.clients', 'lookup');

create table shared.signing_keys (
  id text primary key,
  public_key bytea not null,
  private_key bytea not null, -- sealed
  made_at timestamptz not null
);
select shared.open_to('shared.signing_keys', 'engine', 'select, insert, update');
select shared.open_to('shared.signing_keys', 'app', 'select (id, public_key, made_at)');

-- Budgets belong to who owns the limit, which may be wider than a tenant, so only the engine sees them.
-- A rolling span counts in slots of a twentieth of it, newest first, on machine time; a calendar span counts a period
-- of business time, whose name the caller gives.
create table shared.budgets (
  owner text not null,
  span text not null,
  period text,
  used bigint not null default 0,
  slots bigint[] not null default '{}',
  newest_slot bigint not null default 0,
  closed_until timestamptz, -- machine time: the vendor itself asked to wait
  primary key (owner, span)
);
select shared.open_to('shared.budgets', 'engine', 'select, insert, update, delete');

-- Lease up to `wanted` calls from all the given limits at once, or nothing. `seconds` is 0 for a calendar span.
-- Answers how many, and if none: which limit refuses (1-based) and after how many seconds it may have room (null for a
-- calendar span). A lease may be used for `lease_seconds`, so a rolling span looks that much further back.
create function shared.lease_budgets(
  owners text[], spans text[], seconds float8[], periods text[], ceilings bigint[],
  wanted int, lease_seconds float8, moment timestamptz default null,
  out granted int, out refusing int, out retry_after float8
) language plpgsql as $$
declare
  held shared.budgets[];
  one shared.budgets;
  place int;
  room bigint;
  slot float8;
  horizon int;
  newest bigint;
  passed bigint;
  wait float8;
begin
  granted := wanted;
  held := array_fill(null::shared.budgets, array[cardinality(owners)]);
  for place in select n from generate_subscripts(owners, 1) n order by owners[n], spans[n] loop
    select * into one from shared.budgets b where b.owner = owners[place] and b.span = spans[place] for update;
    if not found then
      insert into shared.budgets (owner, span) values (owners[place], spans[place]) on conflict do nothing;
      select * into one from shared.budgets b where b.owner = owners[place] and b.span = spans[place] for update;
    end if;
    held[place] := one;
  end loop;
  moment := coalesce(moment, clock_timestamp()); -- after the locks: a wait for them must not look like the past

  for place in 1 .. cardinality(owners) loop
    one := held[place];
    wait := null;
    if seconds[place] = 0 then
      if one.period is distinct from periods[place] then
        one.period := periods[place];
        one.used := 0;
      end if;
      room := ceilings[place] - one.used;
    else
      slot := seconds[place] / 20;
      horizon := 21 + ceil(lease_seconds / slot);
      newest := greatest(floor(extract(epoch from moment) / slot)::bigint, one.newest_slot);
      passed := least(newest - one.newest_slot, horizon);
      one.slots := array_fill(0::bigint, array[passed::int]) || one.slots || array_fill(0::bigint, array[horizon]);
      one.slots := one.slots[1:horizon];
      one.newest_slot := newest;
      one.used := (select coalesce(sum(n), 0) from unnest(one.slots) n);
      room := ceilings[place] - one.used;
      if room <= 0 then
        wait := shared.slot_leaves(one.slots, newest, slot, one.used - ceilings[place] + 1)
                - extract(epoch from moment);
      end if;
    end if;
    if one.closed_until > moment then
      room := 0;
      wait := greatest(coalesce(wait, 0), extract(epoch from one.closed_until - moment));
    end if;
    if room <= 0 and (refusing is null or wait is null or wait > retry_after) then
      refusing := place;
      retry_after := wait;
      if wait is null then
        granted := 0;
        return; -- a calendar's refusal outlasts every other
      end if;
    end if;
    granted := least(granted, greatest(room, 0));
    held[place] := one;
  end loop;

  if granted > 0 then
    for place in 1 .. cardinality(owners) loop
      one := held[place];
      if seconds[place] > 0 then
        one.slots[1] := one.slots[1] + granted;
      end if;
      update shared.budgets b
        set period = one.period, used = one.used + granted, slots = one.slots, newest_slot = one.newest_slot
        where b.owner = one.owner and b.span = one.span;
    end loop;
  end if;
end $$;

-- The moment (epoch seconds) at which the oldest `amount` of the counted calls have left the horizon.
create function shared.slot_leaves(slots bigint[], newest bigint, slot float8, amount bigint) returns float8
language plpgsql immutable as $$
declare
  freed bigint := 0;
begin
  for place in reverse cardinality(slots) .. 1 loop
    freed := freed + slots[place];
    if freed >= amount then
      return (newest - (place - 1) + cardinality(slots)) * slot;
    end if;
  end loop;
  return (newest + cardinality(slots)) * slot;
end $$;
