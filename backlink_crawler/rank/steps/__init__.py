"""The steps of `backlinks rank`, in the order of rank/job.py: each loads through store/, has its module of rank/ compute,
and swaps the results in.
"""
