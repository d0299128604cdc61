-- The server that this database belongs to: one row, written at the first start and never changed.
create table instance (
  only_row boolean primary key default true check (only_row),
  server_name text not null,
  created timestamptz not null default now()
);
