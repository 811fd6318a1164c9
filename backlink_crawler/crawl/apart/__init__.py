"""What could run long runs here: in child processes, which are ended when they take too much time or memory."""
