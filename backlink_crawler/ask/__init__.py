"""Questions in, rows out: the same for the command line, the web and exports."""
