-- How a source tells, by an import, of records that it told of before: a JSON object. Imports of older programs tell that everything which differs happened.
ALTER TABLE import ADD COLUMN telling TEXT;
