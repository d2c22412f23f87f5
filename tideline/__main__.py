"""`python -m tideline`."""

from tideline.cli import main

if __name__ == "__main__":
    main()
