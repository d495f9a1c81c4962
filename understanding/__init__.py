"""What a text means: who answers it, what it is about, what it is, and what resembles it.

One small linear model, learnt from the sentences in `samples/understanding`. It suggests; a person decides (Law
134/2025). Without the model, names and aliases still suggest, and the tables of `domain.vietnamese.screening` screen.
"""
