"""The judges of the contract and of the program behind it."""
