"""Every notice, by subject; `messages/templates/<lang>/notices/` says each of them.

Times are aware UTC; templates show them in programme time. `text` fields are what people wrote: templates
escape them. A notice carries what its reader may know, nothing more. What it lists are lines: small dataclasses beside
it, whose fields templates read by name.
"""
