"""What the program costs beside its floor: `make bench`."""
