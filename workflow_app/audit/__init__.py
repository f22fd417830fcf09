"""The record of acts: append-only, exact bytes, in the same transaction as the act itself.

"audit" is our own log; the inspection of a union (kiểm tra) is a process.
"""
