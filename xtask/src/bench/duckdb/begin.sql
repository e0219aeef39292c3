-- What every import needs: the key of an event, whom a name stands for, what a cell says, and which keys are there already: none.
create or replace macro record_key(source, kind, native) as
    md5(source || chr(31) || kind || chr(31) || native)::uuid;
create or replace macro identifier_of(namespace, name) as
    md5(namespace || chr(31) || name)::uuid;
create or replace macro empty_is_null(cell) as nullif(trim(cell), '');
create or replace macro cents(cell) as (try_cast(cell as decimal(18, 2)) * 100)::bigint;
create or replace temp table known (key uuid);
