"""What links are worth: scores of domains, pages, anchors and links, computed from the whole index.

Pure functions, and one step a score that loads through store/, computes, and has the results swapped in.
"""
