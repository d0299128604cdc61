-- Signing keys of other servers. What a key signed counts up to `valid_until` (milliseconds since 1970); a retired
-- key is one that its server uses no more.
create table server_keys (
  server text not null,
  key_id text not null,
  public_key bytea not null,
  valid_until bigint not null,
  retired boolean not null,
  primary key (server, key_id)
);

-- The last answer of each server about its own keys, canonical JSON with its signatures: what a notary passes on.
create table server_key_answers (
  server text primary key,
  answer bytea not null,
  fetched_at bigint not null
);
