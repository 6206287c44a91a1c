"""The whole pipeline in small worlds full of faults: 0 lost, 0 doubled, 0 wrong.

One seed is one world: both systems in process, one virtual clock, a script of what
shoppers, networks and machines do, and a judge who looks at the world and not at the
connector's own ledger. `python -m tests.simulation --seed N` replays a world exactly.
"""
