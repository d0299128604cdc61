-- Interned names. Everything else refers to users, rooms and state keys by number.
create table servers (
  number bigint generated always as identity primary key,
  name text not null unique
);

create table users (
  number bigint generated always as identity primary key,
  user_id text not null unique,
  server bigint not null references servers
);

create table rooms (
  number bigint generated always as identity primary key,
  room_id text not null unique,
  -- Null while all we have of the room is an invite or a knock in a version not yet told.
  version text
);

-- One number per (type, state_key). The key is utf8(type) || 0xff || utf8(state_key): 0xff is in no UTF-8
-- text, and bytea takes the NULs that text refuses.
create table state_keys (
  number bigint generated always as identity primary key,
  key bytea not null unique
);

create sequence event_numbers increment by 1000;
create sequence state_node_numbers increment by 1000;

-- Every event we hold. `position` and `slot` are the timeline's order and null for what has no place in it
-- (outliers, rejected and soft-failed events): live events are (p, 0), events fetched behind a gap before the
-- live event p are (p, -1), (p, -2), …
create table events (
  number bigint primary key,
  event_id bytea not null unique,
  room bigint not null,
  position bigint,
  slot integer,
  standing smallint not null, -- 0 accepted, 1 outlier, 2 rejected, 3 soft-failed
  sender bigint not null,
  state_key bigint,
  origin_server_ts bigint not null,
  depth bigint not null,
  root_before bigint, -- the room's state before the event; null for outliers
  root_after bigint, -- differs from root_before only for an accepted state event
  notifies boolean not null, -- counts as unread under the default rules
  highlights boolean not null, -- an @room that its sender may use
  thread bytea, -- event id of the thread's root, where the event is in one
  redacts bytea,
  redacted_by bytea,
  device_id text, -- of the local sender, with the transaction id: its echo in sync
  transaction_id text,
  pdu bytea not null -- the exact canonical bytes
);
create unique index events_timeline on events (room, position, slot) where position is not null;
create index events_redacts on events (redacts) where redacts is not null;

-- Forward extremities, as a set: the next event joins them.
create table extremities (
  room bigint not null,
  event bigint not null,
  primary key (room, event)
);

-- Events that others name in prev_events and that we don't hold: where a gap in the timeline begins.
create table missing_events (
  room bigint not null,
  event_id bytea not null,
  wanted_by bigint not null,
  position bigint not null,
  slot integer not null,
  primary key (room, event_id, wanted_by)
);
create index missing_events_place on missing_events (room, position, slot);

-- Packed trie nodes: the new nodes of one change of state are one row.
create table state_nodes (
  id bigint primary key,
  room bigint not null,
  nodes bytea not null
);

-- Current memberships, by room and by user. Written per change of membership, never per message.
create table members (
  room bigint not null,
  user_number bigint not null,
  membership smallint not null, -- 0 leave, 1 invite, 2 join, 3 knock, 4 ban
  event bigint not null,
  position bigint not null,
  forgotten boolean not null default false,
  primary key (room, user_number)
);
create index members_user on members (user_number, membership);

create table relations (
  parent bytea not null,
  event bigint not null,
  room bigint not null,
  position bigint not null,
  slot integer not null,
  rel_type text not null,
  event_type text not null,
  sender bigint not null,
  key text, -- of an annotation
  primary key (parent, event)
);
create index relations_order on relations (parent, position, slot);

-- People whom an event highlights, or notifies otherwise than the default rules say.
create table personal_notifications (
  user_number bigint not null,
  room bigint not null,
  position bigint not null,
  event bigint not null,
  thread bytea,
  notifies boolean not null,
  highlights boolean not null,
  primary key (user_number, room, position)
);

create table aliases (
  alias text primary key,
  room_id text not null,
  creator bigint not null,
  created_at timestamptz not null default now()
);
create index aliases_room on aliases (room_id);

-- Rooms listed in this server's directory.
create table published_rooms (
  room bigint primary key
);

-- What an invited or knocking user may see of a room: the stripped state, as sent.
create table stripped_states (
  room bigint not null,
  user_number bigint not null,
  position bigint not null,
  events bytea not null, -- JSON array
  primary key (room, user_number)
);
