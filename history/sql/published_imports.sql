-- published_imports.sql: one row per imported file, in the order of import.
SELECT sha256, mapping, replaced FROM imports FINAL WHERE state = 2 ORDER BY id
