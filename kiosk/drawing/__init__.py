"""Pictures that explain: what was judged in a picture, what was verified in a photo."""
