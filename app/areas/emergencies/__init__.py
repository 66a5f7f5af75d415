"""Words in a text that mean somebody is in danger now, and the numbers to call."""
