-- Rows of state_nodes that nothing refers to: a state that was fetched for a join which then failed, or stored ahead of an
-- event that was never placed. They are found by marking what the roots of their room reach, and go in two steps: set aside
-- first, deleted a day later if no mark has reached them in between. A row that is wanted meanwhile comes back by itself.

-- Rooms that may hold such rows.
create table state_sweeps (
  room bigint primary key,
  due timestamptz not null,
  asked bigint not null default 0 -- moves with each reason to sweep, so that none is lost while a sweep is under way
);

create table state_nodes_aside (
  id bigint primary key,
  room bigint not null,
  nodes bytea not null,
  since timestamptz not null
);
create index state_nodes_aside_room on state_nodes_aside (room, since);

-- What belongs to a room; equal keys share their entry, so this takes a few bytes a row.
create index state_nodes_room on state_nodes (room);
-- Roots of rejected and soft-failed events, which have no place in a timeline.
create index events_unplaced_roots on events (room, number) where position is null and root_after is not null;

insert into state_sweeps (room, due) select distinct room, now() from state_nodes;
