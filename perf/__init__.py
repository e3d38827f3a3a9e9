"""The timing harness: how fast a subject is beside torch.nn, by an interval, and only where it is right.

Vocabulary  row       what is timed: module, case, mode, device
            mode      forward, backward, forward+backward; step for a training step
            side      one of the two that are timed against each other: a factory of works
            work      one built module with its tensors, ready to run again and again
            block     several runs of one work in a row (about 0.4 ms), timed as one
            quad      four blocks, ABBA or BAAB: two log ratios that meet the same drift
            rebuild   both sides built again, elsewhere in memory, and some quads; its value is their median
            look      a number of rebuilds after which the interval may end the measurement
            gate      the largest ratio of subject to reference that is allowed
            ceiling   what this machine reaches in copying, summing and multiplying, measured in the same run
            share     of the ceiling that a side reaches
            finding   what a row gave, as it is written down
Rooms       conftest, test_perf, suite, selftest, compare, confirm, papers  on top: commands
            bench       a row: its contest, its finding
            sides       what is timed, and that both sides agree
            physics     bytes, operations, ceilings, memory
            cuda        timing on a device: events, flush, graphs, clocks
            method      blocks, quads, rebuilds, when to stop
            statistics  interval, verdict, error rates: numbers only, no torch
Imports     each room only from those below it; parity for pages, subjects and the verdict on values; reports.record
            and the pages for what is written down. No subject is imported: it is loaded by its name.
"""
