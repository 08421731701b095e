"""Runs a script in a DuckDB database (load), or a query as time.sql does, printing the same (ask)."""

import statistics
import sys
import time

import duckdb

what, file, threads, runs, budget = sys.argv[1:]
database = duckdb.connect(file, config={"threads": int(threads)})
database.execute("set enable_progress_bar = false")  # It would be drawn between the figures.
script = sys.stdin.read()
if what == "load":
    database.execute(script)
    sys.exit()
times, spent, answer = [], 0.0, None
for run in range(int(runs) + 1):
    began = time.perf_counter()
    rows = database.execute(script).fetchall()
    took = time.perf_counter() - began
    spent += took
    if run == 0:
        answer = rows
    if run > 0 or spent > float(budget):
        times.append(took * 1000)
    if spent > float(budget):
        break
print(f"{statistics.median(times):.2f}|{min(times):.2f}|{len(times)}")
for row in answer:
    print("|".join("" if field is None else str(field) for field in row))
