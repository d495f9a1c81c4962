"""Every notice, by subject; templates in `messages/templates/<lang>/notices/` word them.

Times are aware UTC; templates show them in programme time. `text` fields are what people wrote: templates escape
them. A notice carries what its reader may know, nothing more. Its lists hold lines: small dataclasses beside it,
whose fields templates read by name.
"""
