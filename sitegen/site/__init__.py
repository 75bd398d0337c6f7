"""Articles to a frozen `Site`: grouping, links, translations, related articles and addresses. Pure."""
