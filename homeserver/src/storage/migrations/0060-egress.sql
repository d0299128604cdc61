-- Servers that are owed something older than their shard's cursor. Who is up to date has no row.
create table destinations (
  destination text primary key,
  shard integer not null,
  -- Everything of the log up to here has been delivered, or is owed no more.
  sent_up_to bigint not null,
  failures integer not null default 0,
  next_try timestamptz not null default now()
);
create index destinations_shard on destinations (shard);
create index log_relayed on log (position) where relay is not null;
