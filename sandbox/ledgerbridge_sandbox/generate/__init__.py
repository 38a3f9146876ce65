"""Companies of any size, made up by the same rules by which the API makes their records."""
