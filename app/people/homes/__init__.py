"""Who belongs to which room: bindings, invitations, and the roster that proves them."""
