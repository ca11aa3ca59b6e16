-- published.sql: notes that what the imports in state 1 brought is in place.
INSERT INTO imports (id, file, sha256, mapping, replaced, rows, at, state)
SELECT id, file, sha256, mapping, replaced, rows, at, 2 FROM imports FINAL WHERE state = 1
