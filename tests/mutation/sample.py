"""Keep a drawn sample of a cosmic-ray session's mutations, and skip the rest: `python sample.py SESSION COUNT SEED`.

Left out are those of `|`, which stands in annotations alone here and means nothing at run time.
"""

import random
import sys

from cosmic_ray.work_db import use_db
from cosmic_ray.work_item import WorkerOutcome, WorkItem, WorkResult


def place(item: WorkItem) -> tuple[str, tuple[int, int], str, int]:
    """Return what tells one mutation from another, whatever number the session gave it."""
    mutation = item.mutations[0]
    return str(mutation.module_path), mutation.start_pos, mutation.operator_name, mutation.occurrence


def main(session: str, count: int, seed: int) -> None:
    """Mark every mutation outside the sample as skipped."""
    with use_db(session) as database:
        items = sorted(database.pending_work_items, key=lambda item: item.job_id)
        telling = [item for item in items if "BitOr" not in item.mutations[0].operator_name]
        places = sorted(telling, key=place)
        kept = {item.job_id for item in random.Random(seed).sample(places, count)}
        for item in items:
            if item.job_id not in kept:
                database.set_result(item.job_id, WorkResult(worker_outcome=WorkerOutcome.SKIPPED))
    print(f"{count} of {len(telling)} mutations kept, {len(items) - len(telling)} in annotations left out")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
