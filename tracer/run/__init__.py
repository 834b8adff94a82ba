"""Running programs: the compiled plan and the trace it leaves."""
