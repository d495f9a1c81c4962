"""The meaning of a text: who answers it, its subject, its kind, its likes.

One small linear model, learnt from the sentences in `samples/understanding`. It suggests; a person decides (Law
134/2025). Without the model, names and aliases still suggest, and the tables of `domain.vietnamese.screening` screen.
"""
