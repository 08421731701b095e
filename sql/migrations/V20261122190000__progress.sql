-- How far a run under way has come, so that one that hangs is told from one that takes long.

alter table ops.run add progressed_at timestamptz;
comment on column ops.run.progressed_at is
  'This database''s clock when the run last committed a batch of records or accounts; null before the first. A run that is running and has not progressed for a quarter of an hour is shown as stalled.';
