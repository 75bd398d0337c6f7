"""Articles to a frozen `Site`, and the plan of every file that shall exist. Pure."""
