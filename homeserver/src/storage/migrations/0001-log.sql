-- The log: one order of all changes, and what its committer and its followers keep.
-- Written by homeserver/src/log alone, under the head lock; see log/committer.ts for the order of things.

-- Append-only: a row is never updated. Old and superseded rows may be deleted once they are ten minutes old (until
-- then a committer may still look for its batch); the row at the head stays, because the next position is
-- max(position) + 1 and a position must never be given twice.
create table log (
  position bigint primary key,
  kind integer not null,
  room bigint,
  user_number bigint,
  relay text,
  -- Random, the same for all rows of one transaction: tells whether a COMMIT whose answer was lost took place.
  batch bigint not null
);
create index log_room on log (room, position) where room is not null;
create index log_user on log (user_number, position) where user_number is not null;

create function log_is_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'the log is append-only';
end $$;
create trigger log_no_update before update or truncate on log for each statement execute function log_is_append_only();

create function log_keeps_its_head() returns trigger language plpgsql as $$
begin
  if exists (select from gone where position > (select coalesce(max(position), 0) from log)) then
    raise exception 'the row at the head of the log must stay';
  end if;
  return null;
end $$;
create trigger log_head_stays after delete on log referencing old table as gone
  for each statement execute function log_keeps_its_head();

-- The current state of a room after each change of it; the greatest version is the room's. Version 0 has no row.
create table room_states (
  room bigint,
  version bigint,
  position bigint not null,
  root bigint not null,
  primary key (room, version)
);

-- What has been done already under a key, and what the one who did it was told.
create table transaction_keys (
  key text primary key,
  result text not null,
  position bigint not null
);

-- Batches whose answer was lost and that were then found missing. Their transaction may still be on its way through a
-- server process that has not noticed the loss; it must fail when it arrives, because its units are sent again.
create table log_void_batches (
  batch bigint primary key,
  voided timestamptz not null default clock_timestamp()
);

-- Begins a batch: takes the head lock, then decides whether the batch may be written, then tells the head.
-- Each query of a volatile function sees what was committed before that query began, so all is decided on the newest rows
-- and stays true until COMMIT, since every such write is made under the same lock.
--
-- keys: transaction keys of the batch. rooms, versions: the state version that the first unit of each room builds on.
-- Raises KL001, with the losers as JSON in the detail: {"void", "keys": [{key, result}], "rooms": [{room, version}]}.
create function log_enter(batch bigint, keys text[], rooms bigint[], versions bigint[]) returns bigint
language plpgsql volatile as $$
declare
  is_void boolean := false;
  lost_keys jsonb;
  lost_rooms jsonb;
begin
  perform pg_advisory_xact_lock(1263075330);
  is_void := exists (select from log_void_batches v where v.batch = log_enter.batch);
  if cardinality(keys) > 0 then
    select jsonb_agg(jsonb_build_object('key', t.key, 'result', t.result)) into lost_keys
    from transaction_keys t where t.key = any(keys);
  end if;
  if cardinality(rooms) > 0 then
    select jsonb_agg(jsonb_build_object('room', r.room, 'version', r.version)) into lost_rooms
    from (
      select given.room, given.version as built_on, coalesce((
        select s.version from room_states s where s.room = given.room order by s.version desc limit 1), 0) as version
      from unnest(rooms, versions) as given(room, version)
    ) r where r.version <> r.built_on;
  end if;
  if is_void or lost_keys is not null or lost_rooms is not null then
    raise exception 'units of the batch lost' using errcode = 'KL001', detail = jsonb_build_object(
      'void', is_void, 'keys', coalesce(lost_keys, '[]'), 'rooms', coalesce(lost_rooms, '[]'))::text;
  end if;
  return (select coalesce(max(position), 0) from log);
end $$;

-- Looks up a batch whose answer was lost, and voids it when it is not there. Under the head lock, so that the answer is final.
-- after: a position known before the batch was sent. Returns the position before the batch's first, null when it is not there.
create function log_settle(batch bigint, after bigint) returns bigint language plpgsql volatile as $$
declare
  first bigint;
begin
  perform pg_advisory_xact_lock(1263075330);
  first := (select min(l.position) from log l where l.position > after and l.batch = log_settle.batch);
  if first is null then
    insert into log_void_batches (batch) values (log_settle.batch) on conflict do nothing;
    delete from log_void_batches where voided < clock_timestamp() - interval '1 day';
  end if;
  return first - 1;
end $$;

-- Followers: work that follows the log, each shard done by one process at a time. See log/followers.ts.
-- Every write of a follower names its epoch, which moves whenever the shard changes hands.
create table followers (
  kind text,
  shard integer,
  cursor bigint not null,
  epoch bigint not null default 0,
  holder bigint,
  primary key (kind, shard)
) with (fillfactor = 50);

-- One row per living process: renewing it renews all the shards the process holds. Times are the database's.
create table follower_holders (
  holder bigint primary key,
  kinds text[] not null, -- those it follows, and takes its share of
  ends timestamptz not null
);
