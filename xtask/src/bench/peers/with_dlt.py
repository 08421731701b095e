"""Loads the lists once with dlt; prints the seconds that took. Arguments: the address of the pages, the database,
and a folder to work in."""

import os
import sys
import time

address, database, folder = sys.argv[1:]
# Two processors: as many processes normalize and load. COPY of CSV is the fastest way that dlt documents for PostgreSQL.
os.environ.update(
    DLT_DATA_DIR=folder,
    RUNTIME__DLTHUB_TELEMETRY="false",
    RUNTIME__LOG_LEVEL="ERROR",
    NORMALIZE__WORKERS="2",
    LOAD__WORKERS="4",
    NORMALIZE__LOADER_FILE_FORMAT="csv",
    DATA_WRITER__BUFFER_MAX_ITEMS="20000",
)

import dlt
from dlt.sources.rest_api import rest_api_source

cursor = {"type": "cursor", "cursor_path": "data[-1].id", "cursor_param": "starting_after", "has_more_path": "has_more"}


def load():
    source = rest_api_source(
        {
            "client": {"base_url": f"{address}/v1/", "paginator": cursor},
            "resource_defaults": {
                "primary_key": "id",
                "write_disposition": {"disposition": "merge", "strategy": "upsert"},
                # A list inside of a record stays a JSON column of it, and does not become a table.
                "max_table_nesting": 0,
                "parallelized": True,
                "endpoint": {"params": {"limit": 100}, "data_selector": "data"},
            },
            "resources": ["products", "prices", "customers", "subscriptions", "invoices"],
        }
    )
    pipeline = dlt.pipeline("stripe", destination=dlt.destinations.postgres(database), dataset_name="stripe")
    pipeline.run(source).raise_on_failed_jobs()


# Its processes are made by spawning, which reads this file again.
if __name__ == "__main__":
    began = time.monotonic()
    load()
    print(f"{time.monotonic() - began:.3f}")
