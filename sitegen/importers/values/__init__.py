"""What inputs write in many ways: dates, countries, topics, languages, addresses, and whether something is public."""
