"""A day of a shop that sells from stock, and a judge who looks after every step.

Both systems are the sandbox, in process, on a time that passes only when everybody
waits. Sales, shipments, returns, counts and deliveries happen on both sides at any
moment, also between a read and the write that follows from it.
"""
