-- A hash of all that an import told, also of what it did not say: it follows from the file and its definition alone. None for imports of older programs.
ALTER TABLE import ADD COLUMN told TEXT;
