-- kept_state.sql: one row per experiment whose sums are kept, and '' for all, by which
-- statements they were made and up to which import.
SELECT experiment, state, digest FROM kept_sums FINAL
