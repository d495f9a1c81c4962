"""Every word a person reads: notices, templates, labels, buttons, documents."""
