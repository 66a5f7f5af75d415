"""The nurse's list: whom to call back first, told by codes alone."""
