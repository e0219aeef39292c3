-- Whom each identifier names: what is counted.
select identifier, {counted} as counted from customers
