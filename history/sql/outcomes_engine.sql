-- outcomes_engine.sql: one text, how the table outcomes is stored; '': there is none.
SELECT max(engine_full) FROM system.tables WHERE database = currentDatabase() AND name = 'outcomes'
