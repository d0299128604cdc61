-- Which class of push rules somebody is in, from a position of the log on: 0 all, 1 mentions, 2 muted.
create table push_classes (
  user_number bigint not null,
  room_id text not null, -- '' for the rooms that have no row
  position bigint not null,
  class smallint, -- null: from here on as in the rooms that have no row
  primary key (user_number, room_id, position)
);

-- Of everybody with push rules: in which situations, as bits, they may come to something else than the class in some room.
create table push_singly (
  user_number bigint primary key,
  situations smallint not null
);
create index push_singly_some on push_singly (user_number) where situations <> 0;
