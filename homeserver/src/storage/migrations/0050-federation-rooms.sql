-- Answers to transactions of other servers, so that a repeated one is told the same and done once. Kept for a day.
create table received_transactions (
  origin text not null,
  destination text not null, -- the domain of ours that was meant
  transaction_id text not null,
  answer text not null, -- JSON
  received_at timestamptz not null default now(),
  primary key (origin, destination, transaction_id)
);
create index received_transactions_age on received_transactions (received_at);
