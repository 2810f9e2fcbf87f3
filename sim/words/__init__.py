"""What readers see: numbers, labels, cards, tables."""
