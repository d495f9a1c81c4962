"""What every conversation needs: registry, prompts, pages, typed words, long texts, files."""
