"""The "+1": one file is one kind of service; pure rules that are given facts and return effects."""
