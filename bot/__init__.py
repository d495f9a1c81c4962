"""The process: command line, configuration, loops, and what watches them."""
