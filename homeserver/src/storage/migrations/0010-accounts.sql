-- Users are named by their number in `users`.
create table accounts (
  user_number bigint primary key,
  -- PHC string; null where no password opens the account.
  password_hash text,
  is_admin boolean not null default false,
  is_locked boolean not null default false,
  is_suspended boolean not null default false,
  created_at bigint not null, -- milliseconds, as all times here
  deactivated_at bigint
);

-- Whatever belongs to a device refers to it with `on delete cascade`, so that it ends with the device.
create table devices (
  user_number bigint not null references accounts,
  device_id text not null,
  display_name text,
  last_seen_at bigint,
  last_seen_address text,
  primary key (user_number, device_id)
);

-- A session begins with a login. Each refresh gives it a further generation of tokens.
create sequence session_numbers;
create table tokens (
  access_hash bytea primary key, -- SHA-256; the tokens themselves are nowhere
  refresh_hash bytea unique,
  session bigint not null,
  generation integer not null,
  user_number bigint not null,
  device_id text not null,
  expires_at bigint,
  -- Whether the access token was ever presented. Kept only where there is a refresh token.
  was_used boolean not null default false,
  unique (session, generation),
  foreign key (user_number, device_id) references devices on delete cascade
);
create index tokens_device on tokens (user_number, device_id);

-- Operations that wait to be confirmed. Worth nothing after a crash, hence unlogged.
create unlogged table interactive_auth (
  session_hash bytea primary key,
  operation text not null,
  user_number bigint,
  -- HMAC of the request under the session's id, which only the client has: a request may hold a password.
  request_mac bytea not null,
  created_at bigint not null
);
create index interactive_auth_created_at on interactive_auth (created_at);

create unlogged table registration_nonces (
  nonce_hash bytea primary key,
  created_at bigint not null
);
create index registration_nonces_created_at on registration_nonces (created_at);
