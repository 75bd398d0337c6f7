"""One module for each format of feeds. A module registers its format; nothing else names it."""
