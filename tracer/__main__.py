"""`python -m tracer`: the same as the command `tracer`."""

from tracer.cli import entry

if __name__ == "__main__":
    entry()
