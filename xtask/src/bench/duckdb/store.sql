-- The events of one kind that are not there yet, in slices of time, each sorted by whom they happened to.
copy (
    select
        md5(concat_ws(chr(31), key, content))::uuid as id,
        *,
        now() as received_at,
        1 as import,
        '1' as mapping
    from (
        select
            record_key('{source}', '{kind}', native_key) as key,
            hash(events) as content,
            '{source}' as source,
            '{source}' as stream,
            '{kind}' as kind,
            *
        from ({events}) as events
    ) as events
    anti join known on known.key = events.key
    order by date_trunc('month', "at"), identifier, "at"
) to '{file}' (format parquet, compression zstd, compression_level 1, row_group_size 131072)
