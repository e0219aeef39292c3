"""What DuckDB does in `cargo xtask bench`: imports the files of a company, or answers questions over what it imported.

    work.py import COMPANY FOLDER       the exports become Parquet in FOLDER, a file for each kind of event
    work.py ask QUESTION FOLDER VALUES  the answer for every object in VALUES, a JSON list of what is filled in

It prints one JSON object: `seconds` and `busy_seconds` (those of processors) from the connection to the last row, without
the start of Python; and `answer`.
SQL stands in the files beside this one; `{name}` in them is filled in here.
"""

import json
import sys
import time
from pathlib import Path

import duckdb

HERE = Path(__file__).parent

# The kinds of event that each source gives.
KINDS = {
    "billing": ["subscription_started", "subscription_cancelled", "subscription_ended"],
    "couriers": ["order_delivered"],
    "desk": ["ticket_opened", "ticket_answered", "ticket_solved", "ticket_withdrawn"],
    "referrals": ["referral_made"],
    "shop": ["order_placed", "order_cancelled"],
    "survey": ["survey_answered"],
}


def sql(path, **values):
    """A statement, filled in."""
    text = (HERE / path).read_text(encoding="utf-8").strip()
    for name, value in values.items():
        text = text.replace("{" + name + "}", str(value))
    return text


def connected():
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    connection.execute(sql("begin.sql"))
    return connection


def rows(connection, text):
    """The rows of a question as objects."""
    result = connection.execute(text)
    names = [column[0] for column in result.description]
    return [dict(zip(names, row)) for row in result.fetchall()]


def rejected(connection, source):
    """How many rows of a source the reader of CSV refused; a table of them is there where it read any."""
    known = connection.execute("select table_name from duckdb_tables()").fetchall()
    table = f"{source}_rejects"
    if (table,) not in known:
        return "select 0 as rows"
    return f"select count(distinct line) as rows from {table}"


def bring_in(company, folder):
    folder.mkdir(parents=True, exist_ok=True)
    connection = connected()
    balance = {}
    for source, kinds in KINDS.items():
        connection.execute(sql(f"records/{source}.sql", company=company))
        connection.execute(sql("fresh.sql"))
        files = []
        for kind in kinds:
            file = folder / f"{kind}.parquet"
            events = sql(f"events/{kind}.sql")
            connection.execute(sql("store.sql", source=source, kind=kind, events=events, file=file))
            files.append(f"'{file}'")
        found = rows(connection, sql("balance.sql", rejected=rejected(connection, source), files=", ".join(files)))
        balance[source] = found[0]
    return balance


def ask(question, folder, questions):
    connection = connected()
    answers = []
    for values in questions:
        instances = sql("answers/instances.sql", folder=folder, **values)
        text = sql(f"answers/{question}.sql", instances=instances, folder=folder, **values)
        answers.append(rows(connection, text))
    return answers


def main():
    verb, *arguments = sys.argv[1:]
    begun, busy = time.perf_counter(), time.process_time()
    if verb == "import":
        company, folder = arguments
        answer = bring_in(Path(company), Path(folder))
    else:
        question, folder, values = arguments
        answer = ask(question, Path(folder), json.loads(values))
    seconds = time.perf_counter() - begun
    busy = time.process_time() - busy
    json.dump({"seconds": seconds, "busy_seconds": busy, "answer": answer}, sys.stdout, default=str)


main()
