-- The newest receipt of each kind that a user has in a room, per thread. Superseded in place: a receipt is no message.
create table receipts (
  room bigint not null,
  user_number bigint not null,
  receipt_type text not null, -- m.read or m.read.private
  thread text not null, -- '' for all of the room, 'main', or the event id of a thread's root
  event_id text not null,
  -- Place of that event in the timeline; null while this server lacks it.
  event_position bigint,
  event_slot integer,
  ts bigint not null,
  position bigint not null, -- of the log
  primary key (room, user_number, receipt_type, thread)
);
create index receipts_position on receipts (room, position);
create index receipts_user on receipts (user_number, room);

-- Account data of one type. `type` is bytea because it may hold a NUL; `content` is JSON text, in which a NUL is escaped.
create table account_data (
  user_number bigint not null,
  room bigint not null, -- 0 for what belongs to no room
  type bytea not null,
  content text not null,
  position bigint not null,
  primary key (user_number, room, type)
);
create index account_data_position on account_data (user_number, position);
create index account_data_rules on account_data (user_number) where room = 0 and type = 'm.push_rules'::bytea;

-- Stored filters. The id is a hash of the filter, so that storing one again is no new row.
create table filters (
  user_number bigint not null,
  id text not null,
  filter text not null,
  primary key (user_number, id)
);

create table profile_fields (
  user_number bigint not null,
  key bytea not null,
  value text not null, -- JSON
  primary key (user_number, key)
);

-- What may be unread: a small part of a room's events, read backwards from the head.
create index events_notifying on events (room, position) include (sender, thread, highlights)
  where notifies and position is not null;
-- A person's own quiet events (reactions, redactions) mark as read too; own messages are found above.
create index events_own_quiet on events (room, sender, position)
  where not notifies and device_id is not null and state_key is null and position is not null;
create index personal_notifications_event on personal_notifications (room, event);
