-- The rows that can be read, each record once: exports repeat rows.
create or replace temp table fresh as
select * from records
where not unreadable
qualify row_number() over (partition by native_key order by line) = 1
