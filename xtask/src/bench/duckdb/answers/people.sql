-- Who is who, from the truth of the simulator: only customer numbers are needed, every contract has one.
copy (
    select identifier_of('customer', name) as identifier, md5(customer_id)::uuid as customer
    from read_csv('{company}/truth/identifiers.csv', all_varchar = true)
    where identifier = 'customer'
) to '{folder}/people.parquet' (format parquet, compression zstd)
