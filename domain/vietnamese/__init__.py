"""Vietnamese as it is typed: diacritics, places, moments, words that need care."""
