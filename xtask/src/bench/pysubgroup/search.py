"""Searches a table for subgroups with pysubgroup, and tells what was found and how long the search took.

    search.py CSV

CSV has a column for each attribute, and `late`, which is `1` or `0`. Timed is the search alone, neither the reading of the table nor the making of
the selectors. Printed is a JSON object: `rows`, `seconds`, and `best`, best first: `selectors`, `rows`, `quality`.
"""

import json
import sys
import time

import pandas
import pysubgroup


def main():
    table = pandas.read_csv(sys.argv[1], dtype=str, keep_default_na=False)
    table["late"] = table["late"] == "1"
    task = pysubgroup.SubgroupDiscoveryTask(
        table,
        pysubgroup.BinaryTarget("late", True),
        pysubgroup.create_nominal_selectors(table, ignore=["late"]),
        result_set_size=10,
        depth=2,
        qf=pysubgroup.WRAccQF(),
    )
    begun = time.perf_counter()
    found = pysubgroup.BeamSearch(beam_width=50).execute(task)
    seconds = time.perf_counter() - begun
    best = [
        {
            "selectors": sorted(f"{one.attribute_name}={one.attribute_value}" for one in subgroup.selectors),
            "rows": int(statistics.size_sg),
            "quality": float(quality),
        }
        for quality, subgroup, statistics in found.results
    ]
    json.dump({"rows": len(table), "seconds": seconds, "best": best}, sys.stdout)


main()
