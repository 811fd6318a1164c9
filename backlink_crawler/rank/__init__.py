"""What links are worth: scores of domains, pages, anchors and links, computed from the whole index.

Pure functions; in steps/, what loads for them through store/ and has the results swapped in.
"""
