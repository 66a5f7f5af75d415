"""The people of an order: who orders, for whom, who does the work, and what a rule may know of them."""
